"""ASGI apps served on sockets of our own, several in one event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

# Longer than the idle time after which clients let go of a connection, so that none is closed while it is picked up.
_KEEP_ALIVE_S = 75


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Serving:
    """An app that is being served."""

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        *,
        drain_seconds: int,
        http: type[asyncio.Protocol] | Literal["auto"] = "auto",
    ) -> None:
        """Take what to serve and where.

        Args:
            app: the ASGI app.
            listener: bound already, so that the port is known before anything is served.
            drain_seconds: how long open requests may take at the end.
            http: speaks HTTP; by default whatever uvicorn finds.
        """
        config = uvicorn.Config(
            app,
            http=http,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=drain_seconds,
        )
        self._server = _Server(config)
        self._task = asyncio.ensure_future(self._server.serve(sockets=[listener]))

    async def started(self) -> None:
        """Wait until it accepts connections."""
        while not self._server.started and not self._task.done():  # noqa: ASYNC110  # uvicorn sets a flag only
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Answer what is open, and end."""
        self._server.should_exit = True
        await self._task
