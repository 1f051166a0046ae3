"""The door to HTTP: what a server may send, and how little of it is held."""

import asyncio
import gzip
import resource
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from backend.providers.http import Answer, HttpClient, NoAnswerError

MOST_BYTES = 100_000
TEXT = b'{"answer": "yes"}'
BOMB_MIB = 256


@asynccontextmanager
async def answering(body: bytes, *, encodings: Sequence[str]) -> AsyncIterator[HttpClient]:
    """Give a client of a server that sends one body, as if it were packed in these ways."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        packed = f"Content-Encoding: {', '.join(encodings)}\r\n" if encodings else ""
        writer.write(f"HTTP/1.1 200 OK\r\n{packed}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = HttpClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", most_bytes=MOST_BYTES)
    async with server:
        yield client
        await client.close()


async def asked(body: bytes, *encodings: str) -> Answer:
    """Return the answer that a body becomes."""
    async with answering(body, encodings=encodings) as client:
        return await client.request("GET", "/", timeout_s=10.0)


def packed_zeros(mebibytes: int) -> bytes:
    """Return much of nothing in few bytes, without ever holding it."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(bytes(1024 * 1024)) for _ in range(mebibytes)]
    return b"".join([*parts, packer.flush()])


class TestRequest:
    """A body becomes its content, or none of it is used."""

    @pytest.mark.parametrize(
        ("body", "encodings"),
        [(TEXT, ()), (TEXT, ("identity",)), (gzip.compress(TEXT), ("GZIP",)), (b"", ("gzip",))],
        ids=["plain", "identity", "gzip", "empty"],
    )
    async def test_reads_what_it_asks_for(self, body: bytes, encodings: tuple[str, ...]) -> None:
        """Plain, or packed once."""
        assert (await asked(body, *encodings)).content == (TEXT if body else b"")

    @pytest.mark.parametrize(
        ("body", "encodings"),
        [
            (TEXT, ("gzip",)),
            (gzip.compress(TEXT)[:-3], ("gzip",)),
            (gzip.compress(TEXT) + b"more", ("gzip",)),
            (gzip.compress(gzip.compress(TEXT)), ("gzip", "gzip")),
            (zlib.compress(TEXT), ("deflate",)),
            (TEXT, ("br",)),
        ],
        ids=["not packed", "cut", "more behind", "packed twice", "deflate", "brotli"],
    )
    async def test_uses_nothing_that_is_packed_otherwise(self, body: bytes, encodings: tuple[str, ...]) -> None:
        """It counts as dropped."""
        with pytest.raises(NoAnswerError, match="dropped"):
            await asked(body, *encodings)

    @pytest.mark.parametrize("layers", [1, 2, 3])
    async def test_unpacks_no_more_than_it_keeps(self, layers: int) -> None:
        """A few bytes may stand for more than the machine has."""
        body = packed_zeros(BOMB_MIB)
        for _ in range(layers - 1):
            body = gzip.compress(body)
        before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        with pytest.raises(NoAnswerError, match=r"too large|dropped"):
            await asked(body, *["gzip"] * layers)

        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
        assert grown_kib < BOMB_MIB * 1024 / 4
