"""Releases as processes of their own that are killed with -9: the ledger is a real one, the world is served to them.

The world lives in the test's process, as the outside lives on when a release dies. Each effect is a request to it.
"""

import multiprocessing
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from multiprocessing.managers import BaseManager
from typing import Any

from gonogo import run, steps
from gonogo.adapters.ledger import SqlLedger
from gonogo.bootstrap.wiring import NoTraffic
from gonogo.model import Plan
from gonogo.protocols import World
from gonogo.testing import Scene
from tests.unit.releases import CONFIG, Death

_PORTS = ("clock", "git", "checkouts", "platform", "service", "requirements", "jobs", "database", "catalog", "backups",
          "restores", "migrations", "trials", "usage", "safe", "issuers", "smoke", "log")  # fmt: skip
_KEY = b"local"
_LONGEST_S = 600
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.acceptance.killing"])


class Town:
    """A world that is served, and the process that releases to it now. One for all tests of a process."""

    def __init__(self) -> None:
        """Serve an empty place."""
        self.scene = Scene()
        self.victim = 0
        self._world = self.scene.world()
        gate = _gate({name: partial(self._port, name) for name in _PORTS})
        self._server: Any = gate(address=None, authkey=_KEY).get_server()  # a socket file: quicker than loopback
        self.address = self._server.address
        threading.Thread(target=self._serve, name="town", daemon=True).start()

    def show(self, scene: Scene) -> None:
        """Serve a scene from now on, whose deaths are those of the process that asks."""
        self.scene, self._world = scene, scene.world()
        scene.die = self._die  # type: ignore[method-assign]  # the process that dies is another one here

    def close(self) -> None:
        """Serve nobody any more."""
        self._server.stop_event.set()

    def _port(self, name: str) -> object:
        """Return a port of the scene that is shown."""
        return getattr(self._world, name)

    def _serve(self) -> None:
        """Answer until it is closed."""
        with suppress(SystemExit):
            self._server.serve_forever()

    def _die(self, name: str) -> None:
        """Kill the process whose request this is."""
        os.kill(self.victim, signal.SIGKILL)
        message = f"whoever asked for {name} is no more"
        raise ConnectionResetError(message)


def released(town: Town, ledger_url: str, plan: Plan, death: Death | None = None) -> int:
    """Let a new process carry a release out, from wherever it stands, and return its exit code."""
    if death and not death.name.startswith("ledger."):
        death.strike(town.scene)
    process = _CONTEXT.Process(target=_release, args=(town.address, ledger_url, plan, death))
    process.start()
    assert process.pid
    town.victim = process.pid
    process.join(_LONGEST_S)
    assert process.exitcode is not None
    return process.exitcode


def _gate(ports: Mapping[str, Callable[[], object]]) -> type[BaseManager]:
    """Return a manager of these ports; without them it is a client's."""
    gate: type[BaseManager] = type("Gate", (BaseManager,), {})
    for name in _PORTS:
        gate.register(name, callable=ports.get(name))
    return gate


def _release(address: Any, ledger_url: str, plan: Plan, death: Death | None) -> None:
    """Carry a release out."""
    gate = _gate({})(address=address, authkey=_KEY)
    gate.connect()
    world = World(
        **{name: getattr(gate, name)() for name in _PORTS},
        ledger=_Mortal(SqlLedger(ledger_url), death),
        traffic=NoTraffic(),
        observe=lambda _: None,
        operator="operator@host",
        host=socket.gethostname(),
        pid=os.getpid(),
    )
    run.execute(plan, world=world, config=CONFIG, steps=steps.of(plan))


class _Mortal:
    """A ledger whose process is killed at one of its calls, or right after it."""

    _COUNTED = ("append", "acquire", "release")

    def __init__(self, ledger: SqlLedger, death: Death | None) -> None:
        self._ledger = ledger
        self._death = death
        self._counts: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        """Return a verb of the ledger."""
        verb = getattr(self._ledger, name)
        if name not in self._COUNTED:
            return verb

        def done(*given: Any, **named: Any) -> Any:
            self._counts[name] += 1
            self._die(name, is_after=False)
            result = verb(*given, **named)
            self._die(name, is_after=True)
            return result

        return done

    def _die(self, name: str, *, is_after: bool) -> None:
        at = self._death
        if at and (at.name, at.nth, at.is_after) == (f"ledger.{name}", self._counts[name], is_after):
            os.kill(os.getpid(), signal.SIGKILL)
