"""The supervisor seen from outside: started, found, asked."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gonogo.local import files, orders, processes, teardown
from gonogo.local.errors import StackError
from gonogo.local.http import JsonClient
from gonogo.local.paths import Paths
from gonogo.local.ports import LOOPBACK
from gonogo.local.waiting import until

_START_SECONDS = 90.0
# The stack's own variables would reach every container through the supervisor.
_KEPT_BACK = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "COOLIFY_TOKEN", "API_TOKEN")


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where the supervisor listens.

    Attributes:
        providers: by name.
    """

    coolify: str
    front: str
    providers: Mapping[str, str]


def start(paths: Paths) -> Addresses:
    """Make sure that the supervisor runs; what a killed one left running is ended first."""
    if _answers(paths) is None:
        processes.sweep(paths.processes)
        child = processes.start(_launch(paths), paths.processes)
        until(
            lambda: child.poll() is not None or (_pid(paths) == child.pid and _answers(paths)),
            "the Coolify stand-in",
            seconds=_START_SECONDS,
        )
        if child.poll() is not None:
            said = files.tail(paths.log_files["coolify"], 3)
            raise StackError("stack-supervisor-failed", f"the Coolify stand-in ended: {said}", hint="invoke stack.up")
        processes.detach(child)
    return addresses(paths)


def addresses(paths: Paths) -> Addresses:
    """Return where the supervisor listens, or last listened.

    Raises:
        StackError: it never did.
    """
    found = _serving(paths)
    if found is None:
        raise StackError("stack-not-up", f"the stack {paths.directory.name} is not up", hint="invoke stack.up")
    urls = {name: f"http://{LOOPBACK}:{port}" for name, port in found.items() if name != "pid"}
    return Addresses(coolify=urls.pop("api"), front=urls.pop("front"), providers=urls)


def control(paths: Paths) -> JsonClient:
    """Return a client of the stand-in's own endpoints.

    Raises:
        StackError: the supervisor was never started.
    """
    told = orders.read(paths)
    return JsonClient(addresses(paths).coolify, told.control_token if told else None)


def state(paths: Paths) -> dict[str, Any] | None:
    """Return what the stand-in says about itself; None when it does not answer."""
    return _answers(paths)


def _answers(paths: Paths) -> dict[str, Any] | None:
    if _serving(paths) is None or processes.find(paths.processes, teardown.SUPERVISOR) is None:
        return None
    with control(paths) as client:
        found: dict[str, Any] | None = client.look("/__standin__/state")
        return found


def _serving(paths: Paths) -> dict[str, int] | None:
    with suppress(OSError, ValueError):
        return dict(json.loads(paths.serving.read_text(encoding="utf-8")))
    return None


def _pid(paths: Paths) -> int | None:
    return (_serving(paths) or {}).get("pid")


def _launch(paths: Paths) -> processes.Launch:
    return processes.Launch(
        purpose=teardown.SUPERVISOR,
        command=(sys.executable, "-m", "gonogo.local.supervisor", str(paths.directory)),
        cwd=paths.directory,
        environment={name: value for name, value in os.environ.items() if name not in _KEPT_BACK},
        log=paths.log_files["coolify"],
    )
