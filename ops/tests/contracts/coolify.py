"""The Coolify stand-in, served for real on loopback; what it would run exists on paper only."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TypeVar

from gonogo.adapters.coolify import Coolify
from gonogo.local import ports
from gonogo.local.coolify import standin
from gonogo.local.coolify.clock import RealClock
from gonogo.local.coolify.control import create_application, create_token
from gonogo.local.coolify.paper import PaperBuilder
from gonogo.local.coolify.records import Server
from gonogo.local.coolify.state import Store
from gonogo.local.providers.wire import Protocol
from gonogo.local.serving import Serving
from gonogo.model import Secret
from tests.local.scripted import NEW, OLD, ScriptedFleet

__all__ = ["NEW", "OLD", "StandIn", "serving"]

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """A stand-in that answers on a port.

    Attributes:
        loop: where everything of it happens.
    """

    url: str
    store: Store
    builder: PaperBuilder
    api: str
    worker: str
    loop: asyncio.AbstractEventLoop

    def client(self, *abilities: str, timeout_s: float = 60.0, **owner: object) -> Coolify:
        """Return a client with a new token; one that may do everything unless abilities are named."""
        return self.with_token(self.token(*abilities, **owner), timeout_s=timeout_s)

    def with_token(self, token: str, *, timeout_s: float = 60.0) -> Coolify:
        """Return a client with a token."""
        return Coolify(self.url, Secret("COOLIFY_TOKEN", token), timeout_s=timeout_s)

    def token(self, *abilities: str, **owner: object) -> str:
        """Return a new token, as a person makes one in Coolify's pages."""
        wanted = {"abilities": abilities or ("read", "write", "deploy"), **owner}
        return self.inside(lambda: create_token(self.store, wanted))

    def set_up(self, **knobs: object) -> None:
        """Change how the server is set up."""
        self.inside(lambda: self.store.set_up(knobs))

    def inside(self, work: Callable[[], Result]) -> Result:
        """Do something where the stand-in does everything."""

        async def done() -> Result:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(timeout=60)


@contextmanager
def serving() -> Iterator[StandIn]:
    """Yield a stand-in with two applications at the old commit."""
    opened: list[StandIn] = []
    ready = Event()
    thread = Thread(target=lambda: asyncio.run(_serve(opened, ready)))
    thread.start()
    assert ready.wait(timeout=60)
    yield opened[0]
    opened[0].loop.call_soon_threadsafe(_stops.pop(opened[0].url).set)
    thread.join(timeout=60)


_stops: dict[str, asyncio.Event] = {}


async def _serve(opened: list[StandIn], ready: Event) -> None:
    """Serve until told to stop."""
    store = Store(RealClock(), server=Server(closing_seconds=0.1))
    builder = PaperBuilder(head=NEW)
    parts = standin.build(store, fleet=ScriptedFleet(store.clock), builder=builder, control_token="control-token")
    listener = ports.listen(0)
    url = f"http://{ports.LOOPBACK}:{listener.getsockname()[1]}"
    probed = {"fqdn": url, "health_check_enabled": True, "health_check_start_period": 0}
    api = create_application(store, {"name": "api", "git_commit_sha": OLD, **probed})
    worker = create_application(store, {"name": "worker", "git_commit_sha": OLD})
    stop = _stops[url] = asyncio.Event()
    served = Serving(parts.app, listener, drain_seconds=1, http=Protocol)
    await served.started()
    opened.append(
        StandIn(
            url=url,
            store=store,
            builder=builder,
            api=api.uuid,
            worker=worker.uuid,
            loop=asyncio.get_running_loop(),
        )
    )
    ready.set()
    await stop.wait()
    await parts.close()
    await served.close()
