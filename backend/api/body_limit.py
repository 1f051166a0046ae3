"""The limit on what a request may carry."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX_BYTES = 1_000_000


class LimitBody:
    """Middleware: refuses a body over the limit, with problem details as every other refusal."""

    def __init__(self, app: ASGIApp) -> None:
        """Keep what comes next.

        Args:
            app: The application.
        """
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Args:
            scope: What it is about.
            receive: Where its messages come from.
            send: Where the answer goes.
        """
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if max(received, declared) > BODY_MAX_BYTES:
                raise HTTPException(413, f"The body is larger than {BODY_MAX_BYTES} bytes.")
            return message

        declared = _declared_length(scope) if scope["type"] == "http" else 0
        await self._app(scope, limited, send)


def _declared_length(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else 0
