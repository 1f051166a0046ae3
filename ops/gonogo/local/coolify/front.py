"""The reverse proxy in front of the API's containers, as Coolify's proxy stands there.

Each request goes to the next container over a new connection, so no connection that a stopping container closes is ever
used again. A container leaves the rotation before it is asked to stop.
"""

from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from gonogo.local.coolify.rotation import Rotation
from gonogo.local.coolify.upstream import Answer, BrokenUpstreamError, Headers, Request, exchange

_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)


class Front:
    """An ASGI app that passes every request on."""

    def __init__(self, rotation: Rotation) -> None:
        """Take the containers that get requests."""
        self._rotation = rotation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # ASGI
        """Pass one request on, and its answer back."""
        upstream = self._rotation.pick()
        if upstream is None:
            await _refuse(send, b"no container is ready")
            return
        with upstream:
            await self._pass_on(upstream.port, scope, receive=receive, send=send)

    async def _pass_on(self, port: int, scope: Scope, *, receive: Receive, send: Send) -> None:
        started = False
        try:
            async with exchange(port, _request(scope), body=_body(receive)) as answer:
                started = True
                await _relay(answer, send)
        except BrokenUpstreamError:
            # An answer that has begun cannot become another one: the client must see it break.
            if started:
                raise
            await _refuse(send, b"the container ended the connection")


async def _relay(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": _end_to_end(answer.headers)})
    async for part in answer.body:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Send, why: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(why)).encode())]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send({"type": "http.response.body", "body": why})


def _request(scope: Scope) -> Request:
    query = scope["query_string"]
    client = scope.get("client") or ("", 0)
    forwarded = [(b"x-forwarded-for", client[0].encode()), (b"x-forwarded-proto", b"http")]
    # Without a length the body goes on in chunks, as it came.
    chunked = [pair for pair in scope["headers"] if pair[0] == b"transfer-encoding"]
    return Request(
        method=scope["method"].encode(),
        target=scope["raw_path"] + (b"?" + query if query else b""),
        headers=[*_end_to_end(scope["headers"]), *forwarded, *chunked],
    )


def _end_to_end(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if part := message.get("body", b""):
            yield part
