"""A pooler with one session of the server, handed out by the transaction, as pgbouncer's pool_mode=transaction."""

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

_GREETING = (
    b"R\0\0\0\x08\0\0\0\0"
    b"S\0\0\0\x19client_encoding\0UTF8\0"
    b"S\0\0\0\x23standard_conforming_strings\0on\0"
    b"S\0\0\0\x18server_version\x0018.0\0"
    b"Z\0\0\0\x05I"
)


def _exactly(stream: socket.socket, count: int) -> bytes:
    """Return so many bytes."""
    found = b""
    while len(found) < count:
        if not (part := stream.recv(count - len(found))):
            raise ConnectionError
        found += part
    return found


def _message(stream: socket.socket) -> bytes:
    """Return one message, its letter first."""
    head = _exactly(stream, 5)
    return head + _exactly(stream, struct.unpack("!I", head[1:])[0] - 4)


class _Server(socketserver.ThreadingTCPServer):
    """Listens, and holds the session."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        """Connect to the server as its users do."""
        parts = urlsplit(url)
        self.turn = threading.Lock()
        self.session = socket.socket(socket.AF_UNIX)
        self.session.connect(f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.{parts.port or 5432}")
        words = f"user\0{parts.username}\0database\0{parts.path[1:]}\0\0".encode()
        self.session.sendall(struct.pack("!II", len(words) + 8, 196608) + words)
        while _message(self.session)[:1] != b"Z":
            pass
        super().__init__(("127.0.0.1", 0), _Client)


class _Client(socketserver.BaseRequestHandler):
    """One client: gets the session with its first message, and gives it back with its transaction's end."""

    server: _Server
    request: socket.socket

    def handle(self) -> None:
        """Serve until the client goes."""
        try:
            while struct.unpack("!II", (head := _exactly(self.request, 8)))[1] != 196608:
                self.request.sendall(b"N")  # no encryption
            _exactly(self.request, struct.unpack("!I", head[:4])[0] - 8)
            self.request.sendall(_GREETING)
            while True:
                first = _message(self.request)
                with self.server.turn:
                    self._transaction(first)
        except ConnectionError:
            return

    def _transaction(self, message: bytes) -> None:
        status = b""
        while status != b"I":
            message = message or _message(self.request)
            if message[:1] == b"X":
                raise ConnectionError
            self.server.session.sendall(message)
            if message[:1] not in {b"Q", b"S"}:
                message = b""
                continue
            while message[:1] != b"Z":
                message = _message(self.server.session)
                self.request.sendall(message)
            status, message = message[5:], b""


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """Yield the address of a pooler before a database."""
    parts = urlsplit(url)
    with _Server(url) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"postgresql://{parts.username}@127.0.0.1:{server.server_address[1]}{parts.path}"
        server.shutdown()
        thread.join()
        server.session.close()
