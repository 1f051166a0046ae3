"""Containers as processes: started again when they end, probed, drained before they are stopped."""

import asyncio
import math
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gonogo.local import files, ports, processes
from gonogo.local.coolify.faults.fault import GOOD_S
from gonogo.local.coolify.ports import Executed
from gonogo.local.coolify.records import Container, HealthCheck, Look
from gonogo.local.coolify.rotation import Rotation, Upstream
from gonogo.local.coolify.upstream import probe

# Docker's restart policy: the pause doubles, and starts over after a run of ten seconds.
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 60.0
_GOOD_RUN_S = 10.0
_LOOK_S = 0.02
_NOT_DONE = 124


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """Where containers run.

    Attributes:
        records: where processes are written down.
        logs: one file per container.
        commands: start command by service; `{python}` and `{port}` stand for the container's own.
        environment: what every container gets from the machine.
    """

    records: Path
    logs: Path
    commands: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, str]


class Containers:
    """Every container of the stand-in."""

    on_paper = False

    def __init__(self, host: Host, rotation: Rotation) -> None:
        """Start with none."""
        self._host = host
        self._rotation = rotation
        self._runners: dict[str, Runner] = {}

    def start(self, container: Container) -> None:
        """Run a container from now on."""
        runner = Runner(container, self._host, rotation=self._rotation)
        self._runners[container.uuid] = runner
        runner.begin()

    async def stop(self, uuid: str, *, grace: float) -> None:
        """Drain, end and forget a container, within the grace (seconds)."""
        if runner := self._runners.pop(uuid, None):
            await runner.end(grace)

    async def close(self, *, grace: float) -> None:
        """Stop every container, all at once."""
        await asyncio.gather(*(self.stop(uuid, grace=grace) for uuid in tuple(self._runners)))

    def spoil(self, uuid: str, conduct: str) -> None:
        """Let a running container do something wrong from now on."""
        if runner := self._runners.get(uuid):
            runner.conduct = conduct

    def look(self, uuid: str) -> Look:
        """Return what a container is doing; one that is gone has exited."""
        runner = self._runners.get(uuid)
        return runner.look() if runner else Look(state="exited", health="none")

    def logs(self, uuid: str, lines: int) -> str:
        """Return the last lines that a container wrote."""
        runner = self._runners.get(uuid)
        return files.tail(runner.log, lines) if runner else ""

    async def execute(self, uuid: str, command: str, *, seconds: float) -> Executed:
        """Run a command with a container's files and environment, within so many seconds."""
        runner = self._runners.get(uuid)
        if runner is None:
            return Executed(code=1, output=f"Error response from daemon: No such container: {uuid}")
        return await asyncio.to_thread(runner.execute, command, seconds)


class Runner:
    """One container: its process, its restarts, its probe."""

    def __init__(self, container: Container, host: Host, *, rotation: Rotation) -> None:
        """Take what to run and where; nothing is started yet."""
        self.conduct = container.conduct
        self.log = host.logs / f"{container.service}-{container.uuid}.log"
        self._container = container
        self._host = host
        self._rotation = rotation
        self._state = "restarting"
        self._health = "starting" if container.health else "none"
        self._restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._upstream: Upstream | None = None
        self._life: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start, and keep it running."""
        self._launch()
        self._life = asyncio.ensure_future(self._live())

    def look(self) -> Look:
        """Return what it is doing."""
        return Look(state=self._state, health=self._health, restarts=self._restarts)

    async def end(self, grace: float) -> None:
        """Take it out of the rotation, let requests finish, ask it to end, kill it when the grace (seconds) is over."""
        deadline = time.monotonic() + grace
        await self._stop_restarting()
        if self._upstream:
            self._rotation.remove(self._upstream)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._upstream.drained(), grace)
        if self._process:
            await _end(self._process, deadline, asked=self.conduct != "stubborn")
            processes.forget(self._process.pid, self._host.records)
        self._state = "exited"

    def execute(self, command: str, seconds: float) -> Executed:
        """Run a command beside the process, within so many seconds."""
        container = self._container
        try:
            done = subprocess.run(
                ("/bin/sh", "-c", command),
                cwd=container.path,
                env={**self._host.environment, **container.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Executed(code=_NOT_DONE, output=str(error))
        return Executed(code=done.returncode, output=done.stdout + done.stderr)

    async def _stop_restarting(self) -> None:
        if self._life:
            self._life.cancel()
            with suppress(asyncio.CancelledError):
                await self._life

    async def _live(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            started = time.monotonic()
            await self._run_once()
            if time.monotonic() - started >= _GOOD_RUN_S:
                pause = _FIRST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            self._restarts += 1
            self._launch()

    async def _run_once(self) -> None:
        """Return when the process has ended."""
        probing = asyncio.ensure_future(self._probe())
        try:
            await _exited(self._process, time.monotonic() + self._good_for())
        finally:
            probing.cancel()
        self._fell()

    def _good_for(self) -> float:
        """Return for how many seconds it may run; what ends by its own fault is not ended here."""
        if self.conduct not in {"crash-soon", "crash-later"}:
            return math.inf
        return GOOD_S[self.conduct] if not self._restarts else 0.0

    def _launch(self) -> None:
        port = ports.reserve()
        try:
            self._process = processes.start(self._description(port), self._host.records)
        except OSError as error:
            self._process = None
            files.append(self.log, f"cannot start: {error}\n")
            return
        self._state = "running"
        self._health = "starting" if self._container.health else "none"
        self._upstream = Upstream(port=port)
        if self._container.serves and self._container.health is None:
            self._rotation.add(self._upstream)

    def _fell(self) -> None:
        if self._upstream:
            self._rotation.remove(self._upstream)
        if self._process:
            processes.kill_group(self._process.pid)
            processes.forget(self._process.pid, self._host.records)
        # Its pid may be given to somebody else from here on.
        self._process = None
        self._state = "restarting"

    def _description(self, port: int) -> processes.Launch:
        container = self._container
        values = {"{python}": str(container.python), "{port}": str(port)}
        return processes.Launch(
            purpose=f"container {container.uuid}",
            command=tuple(values.get(word, word) for word in self._host.commands[container.service]),
            cwd=container.path,
            environment={**self._host.environment, "PORT": str(port), **container.environment},
            log=self.log,
        )

    # --- health ---

    async def _probe(self) -> None:
        """Probe as Docker does: failures count after the start period, and so many in a row make it unhealthy."""
        check, upstream = self._container.health, self._upstream
        if check is None or upstream is None or self.conduct == "starting":
            return
        started, failures = time.monotonic(), 0
        while True:
            await asyncio.sleep(check.interval)
            if self.conduct != "unhealthy" and await probe(upstream.port, check.path, timeout=check.timeout):
                failures = 0
                self._healthy(upstream)
            elif time.monotonic() - started >= check.start_period:
                failures += 1
                self._failed(upstream, check, failures=failures)

    def _healthy(self, upstream: Upstream) -> None:
        self._health = "healthy"
        if self._container.serves:
            self._rotation.add(upstream)

    def _failed(self, upstream: Upstream, check: HealthCheck, *, failures: int) -> None:
        if failures >= check.retries:
            self._health = "unhealthy"
            self._rotation.remove(upstream)


async def _end(process: subprocess.Popen[bytes], deadline: float, *, asked: bool) -> None:
    with suppress(ProcessLookupError):
        if asked:
            process.terminate()
    await _exited(process, deadline)
    processes.kill_group(process.pid)
    await asyncio.to_thread(process.wait)


async def _exited(process: subprocess.Popen[bytes] | None, deadline: float) -> None:
    """Return when a process has ended, or the deadline has passed."""
    # A look now and then needs neither a thread per child nor the signal that the event loop would claim for it.
    while process and process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)
