"""One HTTP/1.1 request over one new connection to a port of loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import h11

from gonogo.local.ports import LOOPBACK

Headers = list[tuple[bytes, bytes]]
_CHUNK = 65536


class BrokenUpstreamError(Exception):
    """The other side cannot be reached, or ended the connection before its answer was complete."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What to ask.

    Attributes:
        target: path and query, as they go over the wire.
        headers: without `connection`, which is ours.
    """

    method: bytes
    target: bytes
    headers: Headers


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer whose body is still coming."""

    status: int
    headers: Headers
    body: AsyncIterator[bytes]


@asynccontextmanager
async def exchange(port: int, request: Request, *, body: AsyncIterator[bytes]) -> AsyncIterator[Answer]:
    """Send a request and give the answer as it comes.

    Raises:
        BrokenUpstreamError: nobody listens, or the connection broke.
    """
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError as error:
        raise BrokenUpstreamError from error
    wire = _Wire(reader, writer)
    try:
        await wire.send(request, body)
        head = await wire.head()
        yield Answer(status=head.status_code, headers=list(head.headers), body=wire.body())
    except (OSError, h11.ProtocolError) as error:
        raise BrokenUpstreamError from error
    finally:
        writer.close()


async def probe(port: int, path: str, *, timeout: float) -> bool:  # noqa: ASYNC109  # the probe's own setting
    """Return whether a GET succeeds within the time, as `curl -f` would say."""
    request = Request(method=b"GET", target=path.encode(), headers=[(b"host", b"localhost")])
    try:
        async with asyncio.timeout(timeout), exchange(port, request, body=_nothing()) as answer:
            return answer.status < 400  # noqa: PLR2004
    except (BrokenUpstreamError, TimeoutError):
        return False


async def _nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for part in empty:
        yield part


class _Wire:
    """A connection as h11 sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._machine = h11.Connection(h11.CLIENT)

    async def send(self, request: Request, body: AsyncIterator[bytes]) -> None:
        headers = [*request.headers, (b"connection", b"close")]
        self._write(h11.Request(method=request.method, target=request.target, headers=headers))
        async for part in body:
            self._write(h11.Data(data=part))
            await self._writer.drain()
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    async def head(self) -> h11.Response:
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                return event

    async def body(self) -> AsyncIterator[bytes]:
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)

    def _write(self, event: h11.Event) -> None:
        self._writer.write(self._machine.send(event) or b"")

    async def _next(self) -> object:
        while (event := self._machine.next_event()) is h11.NEED_DATA:
            self._machine.receive_data(await self._reader.read(_CHUNK))
        return event
