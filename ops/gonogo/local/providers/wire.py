"""What comes in and goes out: requests as records, and answers that no well-behaved server gives."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_HIDDEN = frozenset(("authorization", "cookie"))
_TRANSPORT = "transport"


class Protocol(H11Protocol):
    """HTTP as uvicorn speaks it; an app can reach the connection, to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        """Note the connection where an app finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """A request that came in.

    Attributes:
        headers: by name, in lower case.
        raw: the body as it came.
        body: the body, parsed: JSON, or a form's last values; None when it is neither.
        at: when, ISO 8601 in UTC.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    body: Any  # JSON
    at: str

    @property
    def bearer(self) -> str:
        """Return the bearer token; empty when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def fields(self) -> dict[str, Any]:
        """Return the body's fields; none when it is no object."""
        return dict(self.body) if isinstance(self.body, Mapping) else {}

    def shown(self) -> dict[str, Any]:
        """Return it as JSON, without what proves who asked."""
        headers = {name: value for name, value in self.headers.items() if name not in _HIDDEN}
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": headers,
            "body": self.body,
            "at": self.at,
        }


async def read(request: Request) -> Came:
    """Return a request with its whole body."""
    raw = await request.body()
    return Came(
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers=dict(request.headers),
        raw=raw,
        body=parsed(raw, request.headers.get("content-type", "")),
        at=datetime.now(UTC).isoformat(),
    )


def parsed(raw: bytes, content_type: str) -> Any:  # JSON
    """Return a body as data; None when there is none, or it cannot be read."""
    try:
        if "x-www-form-urlencoded" in content_type:
            return dict(parse_qsl(raw.decode(), keep_blank_values=True))
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return None


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # JSON
    """Return data as JSON."""
    return JSONResponse(data, status, dict(headers or {}))


def page(status: int, title: str) -> Response:
    """Return what a gateway shows to people."""
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return HTMLResponse(text, status)


class Dropped(Response):
    """No answer at all: the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """End the connection, and see that it has ended."""
        del send
        _transport(scope).abort()
        await _gone(receive)


class CutShort(Response):
    """An answer whose connection ends in the middle of the body."""

    def __init__(self, whole: Response) -> None:
        """Take the answer that it begins like."""
        super().__init__(bytes(whole.body), whole.status_code, dict(whole.headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and half of the body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _transport(scope).close()
        await _gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    found: asyncio.Transport = scope["state"][_TRANSPORT]
    return found


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
