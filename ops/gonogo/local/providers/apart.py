"""The providers' stand-ins in a process of their own: under load they do not hold the front up."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from gonogo.local import processes
from gonogo.local.http import JsonClient
from gonogo.local.paths import Paths
from gonogo.local.providers.hosting import url_of
from gonogo.local.providers.standin import PREFIX
from gonogo.local.waiting import until

PURPOSE = "providers"
_START_S = 90.0
_GRACE_S = 5.0


class Apart:
    """The process, seen by who runs it. The sockets stay open here, so addresses stay true while it is replaced."""

    def __init__(self, paths: Paths, listeners: Mapping[str, socket.socket]) -> None:
        """Start it.

        Args:
            paths: the stack that it belongs to; it is recorded there, and found by a later run.
            listeners: by provider, bound already.
        """
        self._paths = paths
        self._listeners = dict(listeners)
        self._child = self._started()

    async def started(self) -> None:
        """Wait until each stand-in answers.

        Raises:
            StackError: one does not in time.
        """
        await asyncio.to_thread(until, self._answer, "the providers' stand-ins", seconds=_START_S)

    def keep(self) -> None:
        """Start it again where it has ended; what it held is lost."""
        if self._child.poll() is not None:
            processes.forget(self._child.pid, self._paths.processes)
            self._child = self._started()

    async def close(self) -> None:
        """End it."""
        await asyncio.to_thread(self._end)
        for each in self._listeners.values():
            each.close()

    def _started(self) -> subprocess.Popen[bytes]:
        sockets = {name: listener.fileno() for name, listener in self._listeners.items()}
        words = (f"{name}={number}" for name, number in sockets.items())
        launch = processes.Launch(
            purpose=PURPOSE,
            command=(sys.executable, "-m", "gonogo.local.providers.main", *words),
            cwd=self._paths.directory,
            environment=dict(os.environ),
            log=self._paths.log_files[PURPOSE],
            sockets=tuple(sockets.values()),
        )
        return processes.start(launch, self._paths.processes)

    def _answer(self) -> bool:
        return self._child.poll() is not None or all(map(_answers, self._listeners.values()))

    def _end(self) -> None:
        self._child.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(_GRACE_S)
        processes.kill_group(self._child.pid)
        self._child.wait()
        processes.forget(self._child.pid, self._paths.processes)


def _answers(listener: socket.socket) -> bool:
    with JsonClient(url_of(listener)) as client:
        return client.look(f"{PREFIX}faults") is not None
