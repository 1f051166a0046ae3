"""Child processes that outlive the command that starts them, and are found again by a later one.

Each is recorded as pid, creation time and purpose. A pid alone may belong to somebody else by the time it is read
again, so nothing is signalled before the creation time agrees. What was started and not yet recorded when its starter
was killed is found by a mark in its environment.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from gonogo.adapters import leash
from gonogo.local import files
from gonogo.local.errors import StackError
from gonogo.local.waiting import until

MARK = "GONOGO_STACK_PROCESS"
# The clock that creation times are computed from may be corrected by a little while a process lives.
_CLOCK_TOLERANCE_S = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """What to start.

    Attributes:
        purpose: what it is, for people: `redis`, `container a1b2c3`.
        environment: the whole environment of the process.
        log: gets both output streams, appended.
        sockets: descriptors that it gets, under the same numbers.
        leash: the reading end of a pipe; whoever holds the other end keeps the process, and whatever it has started,
            alive. None for a process that outlives its starter.
    """

    purpose: str
    command: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    log: Path
    sockets: tuple[int, ...] = ()
    leash: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A process as it was written down.

    Attributes:
        created: when it was created, seconds since the epoch.
        file: where this record is kept.
    """

    pid: int
    created: float
    purpose: str
    file: Path


def start(launch: Launch, records: Path) -> subprocess.Popen[bytes]:
    """Start a process in its own session, so that no terminal signal reaches it, and record it."""
    files.folder(records)
    files.folder(launch.log.parent)
    with launch.log.open("ab") as log:
        child = subprocess.Popen(
            launch.command if launch.leash is None else (sys.executable, leash.__file__, *launch.command),
            cwd=launch.cwd,
            env={**launch.environment, MARK: str(records)},
            stdin=subprocess.DEVNULL if launch.leash is None else launch.leash,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=launch.sockets,
        )
    record(child.pid, launch.purpose, records=records)
    return child


def detach(child: subprocess.Popen[bytes]) -> None:
    """Let go of a child that shall outlive this process."""
    # Python warns about a child that was never waited for; this one is ended by its record, in another process.
    child.returncode = 0


def record(pid: int, purpose: str, *, records: Path) -> None:
    """Write a running process down; one that is already gone is not written."""
    with suppress(psutil.NoSuchProcess):
        created = psutil.Process(pid).create_time()
        files.write_json(records / f"{pid}.json", {"pid": pid, "created": created, "purpose": purpose})


def forget(pid: int, records: Path) -> None:
    """Remove the record of a process that has ended."""
    (records / f"{pid}.json").unlink(missing_ok=True)


def recorded(records: Path) -> tuple[Recorded, ...]:
    """Return every record, also those of processes that are gone; a broken record is dropped."""
    return tuple(entry for file in sorted(records.glob("*.json")) if (entry := _read(file)))


def find(records: Path, purpose: str) -> Recorded | None:
    """Return the record of a process with this purpose that still runs."""
    return next((entry for entry in recorded(records) if entry.purpose == purpose and is_running(entry)), None)


def is_running(entry: Recorded) -> bool:
    """Return whether exactly the recorded process still runs."""
    return is_same(entry.pid, entry.created)


def is_same(pid: int, created: float) -> bool:
    """Return whether the process with this pid is the one that was created then, and alive."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - created) < _CLOCK_TOLERANCE_S and _lives(process)
    except psutil.NoSuchProcess:
        return False


def stop(entry: Recorded, *, grace: float) -> None:
    """Ask a recorded process to end, and kill its whole group when the grace (seconds) is over."""
    if is_running(entry):
        with suppress(psutil.NoSuchProcess, StackError):
            psutil.Process(entry.pid).terminate()
            # Not `wait`: it takes an ended process whose parent has not noticed yet for a running one.
            until(lambda: not is_running(entry), entry.purpose, seconds=grace)
        kill_group(entry.pid)
    entry.file.unlink(missing_ok=True)


def kill_group(pid: int) -> None:
    """Kill every process of a group that we started, whether or not its leader still lives."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def sweep(records: Path) -> tuple[str, ...]:
    """Kill what an earlier run left behind, and return the purposes of what was killed."""
    left = [entry for entry in recorded(records) if entry.pid != os.getpid() and is_running(entry)]
    marked = list(_marked(records))
    for entry in left:
        kill_group(entry.pid)
    kill(marked)
    for file in records.glob("*.json"):
        file.unlink(missing_ok=True)
    return tuple(entry.purpose for entry in left)


def kill(found: Sequence[psutil.Process]) -> None:
    """Kill processes, and return when they have ended."""
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    with suppress(StackError):
        until(lambda: not any(map(_lives, found)), "the end of what was killed", seconds=30)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _read(file: Path) -> Recorded | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return Recorded(pid=data["pid"], created=data["created"], purpose=data["purpose"], file=file)
    except (OSError, ValueError, KeyError):
        file.unlink(missing_ok=True)
        return None


def _marked(records: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(records):
                yield process
