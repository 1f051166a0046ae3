"""The one process of a stack that stays: the Coolify stand-in, its containers and the front; it keeps the providers'.

Started as `python -m gonogo.local.supervisor <stack folder>`.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from gonogo.local import files, orders, ports, processes, teardown
from gonogo.local.coolify import standin
from gonogo.local.coolify.builder import CheckoutBuilder
from gonogo.local.coolify.clock import RealClock
from gonogo.local.coolify.containers import Containers, Host
from gonogo.local.coolify.front import Front
from gonogo.local.coolify.rotation import Rotation
from gonogo.local.coolify.state import Store
from gonogo.local.errors import StackError
from gonogo.local.paths import Paths
from gonogo.local.providers.apart import Apart
from gonogo.local.providers.hosting import PROVIDERS
from gonogo.local.providers.wire import Protocol
from gonogo.local.serving import Serving

OWNER_GRACE_S = 900.0
_WATCH_S = 1.0
_DRAIN_S = 10
_CONTAINER_GRACE_S = 10.0
# What a container may know of the machine: never the variables of whoever started the stack.
_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ")


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Everything that the supervisor runs."""

    standin: standin.StandIn
    containers: Containers
    front: Serving
    api: Serving
    providers: Apart

    async def close(self) -> None:
        """End in order: no new deployments, no new requests, then the containers, then whom they ask."""
        await self.standin.close()
        await self.front.close()
        await self.containers.close(grace=_CONTAINER_GRACE_S)
        await self.providers.close()
        await self.api.close()


def main() -> int:
    """Run until asked to end, until the owner has been dead for a while, or until the folder is gone."""
    paths = Paths(Path(sys.argv[1]))
    if asyncio.run(_run(paths)):
        _abandon(paths)
    processes.forget(os.getpid(), paths.processes)
    return 0


def _abandon(paths: Paths) -> None:
    """End what is left of a stack that nobody wants; whoever holds its lock is in charge instead."""
    if not paths.directory.exists():
        teardown.stop_servers(paths)
        return
    with suppress(Timeout), FileLock(paths.lock, timeout=0):
        teardown.stop_servers(paths)
        teardown.remove(paths, keep_logs=True)


async def _run(paths: Paths) -> bool:
    """Return whether the stack was abandoned, rather than ended by somebody."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, asked.set)
    loop.add_signal_handler(signal.SIGINT, asked.set)
    house = await _open(paths)
    board = asyncio.ensure_future(house.standin.board.run())
    abandoned = await _wait(paths, asked, house.providers)
    board.cancel()
    await house.close()
    return abandoned


async def _open(paths: Paths) -> House:
    told = orders.read(paths)
    if told is None:
        raise StackError("stack-without-orders", f"{paths.orders.name} is missing", hint="invoke stack.up")
    rotation = Rotation()
    containers = Containers(_host(paths, told.commands), rotation)
    store = Store(RealClock(), paths.coolify)
    parts = standin.build(
        store, fleet=containers, builder=CheckoutBuilder(told.checkouts), control_token=told.control_token
    )
    sockets = _sockets(paths)
    house = House(
        standin=parts,
        containers=containers,
        front=Serving(Front(rotation), sockets["front"], drain_seconds=_DRAIN_S),
        api=Serving(parts.app, sockets["api"], drain_seconds=1, http=Protocol),
        providers=Apart(paths, {name: sockets[name] for name in PROVIDERS}),
    )
    await asyncio.gather(house.front.started(), house.api.started(), house.providers.started())
    parts.revive()
    announced = {name: listener.getsockname()[1] for name, listener in sockets.items()}
    files.write_json(paths.serving, {**announced, "pid": os.getpid()})
    return house


def _host(paths: Paths, commands: Mapping[str, tuple[str, ...]]) -> Host:
    known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return Host(
        records=paths.processes,
        logs=paths.logs / "containers",
        commands=commands,
        environment={**known, "PYTHONUNBUFFERED": "1"},
    )


def _sockets(paths: Paths) -> dict[str, socket.socket]:
    """Listen where a former run listened, so that addresses which were handed out stay true."""
    former = _former_ports(paths)
    return {name: ports.listen(former.get(name, 0)) for name in ("api", "front", *PROVIDERS)}


def _former_ports(paths: Paths) -> dict[str, int]:
    with suppress(OSError, ValueError):
        return dict(json.loads(paths.serving.read_text(encoding="utf-8")))
    return {}


async def _wait(paths: Paths, asked: asyncio.Event, providers: Apart) -> bool:
    """Keep the providers' stand-ins running, and return whether nobody wants the stack any more."""
    seen = time.monotonic()
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _WATCH_S)
            return False
        providers.keep()
        if _has_owner(paths):
            seen = time.monotonic()
        elif time.monotonic() - seen >= _owner_grace():
            return True


def _has_owner(paths: Paths) -> bool:
    """Return whether the stack is still somebody's: its folder is there, and its owner, where it has one, lives."""
    owner = orders.read_owner(paths)
    return paths.orders.exists() and (owner is None or processes.is_same(owner.pid, owner.created))


def _owner_grace() -> float:
    return float(os.environ.get("GONOGO_OWNER_GRACE_SECONDS", OWNER_GRACE_S))


if __name__ == "__main__":
    sys.exit(main())
