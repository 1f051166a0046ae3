"""The service's door to HTTP: the only module that knows the library."""

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

# It writes each request's address, and an address may hold a token.
logging.getLogger("httpx").setLevel(logging.WARNING)
_CHUNK_MAX = 65_536
_WITH_GZIP_HEADER = 31


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back, whatever it says.

    Attributes:
        status: The HTTP status.
        headers: By name, in lower case.
        content: The body, decompressed; not more than was asked for.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoAnswerError(Exception):
    """There was no answer, or none that may be used.

    Attributes:
        reason: connect, timeout, dropped or too large.
        is_sent: Whether the request may have reached the other side, and have had its effect.
    """

    def __init__(self, reason: str, *, is_sent: bool) -> None:
        """Keep why.

        Args:
            reason: In one word or two, without an address.
            is_sent: Whether the request may have reached the other side.
        """
        super().__init__(reason)
        self.reason = reason
        self.is_sent = is_sent


class HttpClient:
    """Asks one server; keeps its connections."""

    def __init__(self, base_url: str, *, headers: Mapping[str, str] | None = None, most_bytes: int) -> None:
        """Keep who is asked, without connecting.

        Args:
            base_url: Without a slash at its end; may hold a secret, and is never shown.
            headers: Sent with every request; may hold a secret.
            most_bytes: How long a body may be, decompressed.
        """
        # Only what `_Body` unpacks.
        sent = {"Accept-Encoding": "gzip", **(headers or {})}
        self._client = httpx.AsyncClient(base_url=base_url, headers=sent, follow_redirects=False)
        self._most_bytes = most_bytes

    async def request(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        json: object | None = None,
        **options: Any,
    ) -> Answer:
        """Send one request, and return the whole answer.

        Args:
            method: GET, POST …
            path: Below the base.
            timeout_s: How long to wait for a connection and for each piece of the answer; wrap it for a whole deadline.
            json: A body.
            options: `params`, `data` and `headers`, as the library has them.

        Raises:
            NoAnswerError: The server cannot be reached, does not answer in time, or answers without end.
        """
        try:
            async with self._client.stream(method, path, json=json, timeout=timeout_s, **options) as response:
                content = await self._read(response)
                return Answer(status=response.status_code, headers=response.headers, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NoAnswerError("connect", is_sent=False) from error
        except httpx.TimeoutException as error:
            raise NoAnswerError("timeout", is_sent=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise NoAnswerError("dropped", is_sent=True) from error

    async def _read(self, response: httpx.Response) -> bytes:
        body = _Body(response.headers.get("content-encoding", ""), most_bytes=self._most_bytes)
        # Not the library's own unpacking: it unpacks whole chunks, and as many layers as the other side names.
        async for part in response.aiter_raw(_CHUNK_MAX):
            body.add(part)
        return body.whole()

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class _Body:
    """A body as it comes in; no more of it is ever unpacked than may be kept."""

    def __init__(self, encoding: str, *, most_bytes: int) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip"}:
            raise NoAnswerError("dropped", is_sent=True)
        self._parts = list[bytes]()
        self._left = most_bytes
        self._gzip = zlib.decompressobj(_WITH_GZIP_HEADER) if name == "gzip" else None

    def add(self, raw: bytes) -> None:
        part = self._unpacked(raw)
        self._left -= len(part)
        if self._left < 0:
            raise NoAnswerError("too large", is_sent=True)
        self._parts.append(part)

    def whole(self) -> bytes:
        # A body that is empty is not packed either, whatever the header says.
        if self._gzip is not None and self._parts and not self._gzip.eof:
            raise NoAnswerError("dropped", is_sent=True)
        return b"".join(self._parts)

    def _unpacked(self, raw: bytes) -> bytes:
        if self._gzip is None:
            return raw
        try:
            part = self._gzip.decompress(raw, self._left + 1)
        except zlib.error:
            raise NoAnswerError("dropped", is_sent=True) from None
        if self._gzip.unused_data:
            raise NoAnswerError("dropped", is_sent=True)
        return part
