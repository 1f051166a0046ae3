"""A small real HTTP server that answers as it is told, and remembers what it was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from gonogo.model import JSON


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What is answered; without a status the connection is closed instead."""

    status: int | None = 200
    body: JSON = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        """Return the bytes of the body."""
        return (json.dumps(self.body) if self.text is None else self.text).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked, and from which port."""

    method: str
    path: str
    port: int
    authorization: str
    accept: str = ""
    body: str = ""


@dataclass(kw_only=True)
class Answering:
    """A running server.

    Attributes:
        url: where it listens.
        script: what is answered first, one after the other, whatever is asked.
        replies: what is answered by `METHOD /path` after that; 404 for anything else.
        otherwise: what is answered to everything that is not in `replies`.
        asked: every request so far.
    """

    url: str
    script: list[Reply] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    otherwise: Reply = field(default_factory=lambda: Reply(status=404, body={"message": "Not found."}))
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def answering() -> Iterator[Answering]:
    """Yield a server on a free port of loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.state = Answering(url=f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]  # ours
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.state  # type: ignore[attr-defined]  # ours
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers every method alike."""

    def _answer(self) -> None:
        state: Answering = self.server.state  # type: ignore[attr-defined]  # ours
        asked = Asked(
            method=self.command,
            path=self.path,
            port=self.client_address[1],
            authorization=self.headers.get("Authorization", ""),
            accept=self.headers.get("Accept", ""),
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(),
        )
        state.asked.append(asked)
        usual = state.replies.get(f"{self.command} {self.path}", state.otherwise)
        reply = state.script.pop(0) if state.script else usual
        self.close_connection = True
        if reply.status is None:
            return
        self.send_response_only(reply.status)  # no date but the one that a test gives
        for name, value in {"Content-Length": str(len(reply.payload)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.payload)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815  # the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing."""
