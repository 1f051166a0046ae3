"""A door to a database that notes what goes through it: each statement with its values, and what is refused.

It speaks PostgreSQL's own protocol, so it needs no right on the server, no extension, no log, and nothing in the
program that is listened to. It is as private as the server: a socket in a folder of ours where the server has one.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from gonogo.local import ports, wire
from gonogo.model.schemas import Refused, Sent

_START_S = 10
_CHUNK = 65536
# So many runs of one statement are kept, and so many statements: a poller sends the same one a thousand times.
_RUNS, _STATEMENTS = 4, 5000


@dataclass(slots=True)
class Record:
    """What went through.

    Attributes:
        sent: every run that is kept, in order.
        refused: in order.
    """

    sent: list[Sent] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    _runs: dict[str, int] = field(default_factory=dict)

    def note(self, sent: Sent) -> None:
        """Keep a run, unless enough of its kind are kept."""
        count = self._runs.get(sent.sql, 0)
        if count < _RUNS and (count or len(self._runs) < _STATEMENTS):
            self._runs[sent.sql] = count + 1
            self.sent.append(sent)


class Wiretap:
    """The door, open in a thread of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        """Open it.

        Args:
            url: the database behind it.
            folder: private and there, with a path that is short enough for a socket.
        """
        self.record = Record()
        self._upstream = Upstream(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wiretap", daemon=True)
        self._thread.start()
        self._port = asyncio.run_coroutine_threadsafe(self._open(folder), self._loop).result(_START_S)
        self.url = _url(url, folder, self._port)

    def close(self) -> None:
        """Close it, and hang up on whoever is still there."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    async def _open(self, folder: Path) -> int:
        self._calls: set[asyncio.Task[None]] = set()
        if self._upstream.is_local:
            self._server: asyncio.Server = await asyncio.start_unix_server(self._take, folder / ".s.PGSQL.5432")
            return 0
        self._server = await asyncio.start_server(self._take, ports.LOOPBACK, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one session through, until either side hangs up."""
        task = asyncio.current_task()
        if task is not None:
            self._calls.add(task)
        others: list[asyncio.StreamWriter] = [writer]
        with suppress(OSError, EOFError, asyncio.CancelledError):
            first = await _first(reader, writer)
            behind, ahead = await self._upstream.connect()
            others.append(ahead)
            ahead.write(first)
            listener = wire.Listener(self.record.note, self.record.refused.append)
            both = (_pump(reader, ahead, listener.client), _pump(behind, writer, listener.server))
            await asyncio.wait([asyncio.ensure_future(each) for each in both], return_when="FIRST_COMPLETED")
        for each in others:
            each.close()
        if task is not None:
            self._calls.discard(task)


class Upstream:
    """The way to the server."""

    def __init__(self, url: str) -> None:
        """Read it from a URL."""
        told: dict[str, Any] = dict(conninfo_to_dict(url))
        self._host = str(told.get("hostaddr") or told.get("host") or "localhost")
        self._port = int(told.get("port") or 5432)
        self._mode = str(told.get("sslmode") or "prefer")

    @property
    def is_local(self) -> bool:
        """Return whether it is a socket."""
        return self._host.startswith("/")

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a new connection, encrypted where the server can."""
        if self.is_local:
            return await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        reader, writer = await asyncio.open_connection(self._host, self._port)
        if self._mode not in {"disable", "allow"}:
            writer.write(wire.SSL_REQUEST)
            if await reader.readexactly(1) == b"S":
                await writer.start_tls(self._context(), server_hostname=self._host)
        return reader, writer

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self._mode.startswith("verify"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


async def _first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Return the message that begins a session; encryption is declined, since it is one machine."""
    while True:
        head = await reader.readexactly(8)
        if head[4:] not in wire.ENCRYPTIONS:
            return head + await reader.readexactly(int.from_bytes(head[:4]) - 8)
        writer.write(b"N")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, hear: Callable[[bytes], None]) -> None:
    """Pass everything on as it comes, and hear it."""
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            hear(data)
            await writer.drain()


def _url(url: str, folder: Path, port: int) -> str:
    """Return the database's URL through the door."""
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0] or "postgres"
    if port:
        return f"postgresql://{who}@{ports.LOOPBACK}:{port}{parts.path}"
    return f"postgresql://{who}@{parts.path}?host={quote(str(folder), safe='/')}"
