"""Stand-ins being served: in an event loop that runs already, or in a thread of their own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gonogo.local import ports
from gonogo.local.providers.standin import Provider, StandIn
from gonogo.local.providers.telegram.provider import Telegram
from gonogo.local.providers.todoist.provider import Todoist
from gonogo.local.providers.wire import Protocol
from gonogo.local.providers.xai.provider import Xai
from gonogo.local.serving import Serving

PROVIDERS: Mapping[str, Callable[[], Provider]] = MappingProxyType(
    {"xai": Xai, "todoist": Todoist, "telegram": Telegram}
)
_START_S = 60


def url_of(listener: socket.socket) -> str:
    """Return the address that a socket listens on."""
    return f"http://{ports.LOOPBACK}:{listener.getsockname()[1]}"


class Hosted:
    """One stand-in, served by the loop that runs."""

    def __init__(self, name: str, listener: socket.socket) -> None:
        """Start to serve.

        Args:
            name: which provider.
            listener: bound already.
        """
        self.standin = StandIn(PROVIDERS[name]())
        self.url = url_of(listener)
        self._serving = Serving(self.standin, listener, drain_seconds=1, http=Protocol)

    async def started(self) -> None:
        """Wait until it accepts connections."""
        await self._serving.started()

    async def close(self) -> None:
        """Let everybody go, and end."""
        self.standin.reset()
        await self._serving.close()


class Thread:
    """All stand-ins, in a thread with a loop of its own."""

    def __init__(self) -> None:
        """Start them on free ports, and wait until they accept connections."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="providers", daemon=True)
        self._thread.start()
        self._hosted = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_S)

    def url(self, name: str) -> str:
        """Return where a provider is."""
        return self._hosted[name].url

    def reset(self, name: str) -> None:
        """Make a provider forget everything."""
        asyncio.run_coroutine_threadsafe(self._reset(name), self._loop).result(_START_S)

    def close(self) -> None:
        """End them all, and the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    async def _start(self) -> dict[str, Hosted]:
        hosted = {name: Hosted(name, ports.listen(0)) for name in PROVIDERS}
        for each in hosted.values():
            await each.started()
        return hosted

    async def _reset(self, name: str) -> None:
        self._hosted[name].standin.reset()

    async def _close(self) -> None:
        for each in self._hosted.values():
            await each.close()
