"""Processes that outlive their starter are found again, and nobody else's is touched."""

import os
import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest

from gonogo.local import ports, processes
from gonogo.local.errors import StackError
from gonogo.local.waiting import until
from tests.local.conftest import python

SLEEP = "import time; time.sleep(600)"


def launch(folder: Path, code: str = SLEEP) -> processes.Launch:
    """Return a process of ours."""
    return processes.Launch(
        purpose="sleeper",
        command=(sys.executable, "-c", code),
        cwd=folder,
        environment=dict(os.environ),
        log=folder / "log",
    )


def test_a_process_is_recorded_and_stopped(tmp_path: Path) -> None:
    """It is found by its purpose, ends within the grace, and its record goes."""
    child = processes.start(launch(tmp_path), tmp_path / "records")
    entry = processes.find(tmp_path / "records", "sleeper")
    assert entry is not None
    processes.stop(entry, grace=60)
    assert child.wait(60) == -signal.SIGTERM
    assert processes.recorded(tmp_path / "records") == ()


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """When the grace is over the whole group is killed."""
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    child = processes.start(launch(tmp_path, deaf), tmp_path / "records")
    until(lambda: "deaf" in (tmp_path / "log").read_text(), "deaf", seconds=60)
    processes.stop(processes.recorded(tmp_path / "records")[0], grace=0.1)
    assert child.wait(60) == -signal.SIGKILL


def test_a_sweep_kills_leftovers(tmp_path: Path) -> None:
    """What a former run started is killed, children of it too, and told."""
    family = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).wait()"
    child = processes.start(launch(tmp_path, family), tmp_path / "records")
    (grandchild,) = until(lambda: psutil.Process(child.pid).children(), "a grandchild", seconds=60)
    assert processes.sweep(tmp_path / "records") == ("sleeper",)
    assert child.wait(60) == -signal.SIGKILL
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_a_sweep_finds_what_was_never_recorded(tmp_path: Path) -> None:
    """A starter killed before it wrote the record leaves a mark in the environment."""
    child = processes.start(launch(tmp_path), tmp_path / "records")
    processes.forget(child.pid, tmp_path / "records")
    processes.sweep(tmp_path / "records")
    assert child.wait(60) == -signal.SIGKILL


def test_a_reused_pid_is_left_alone(tmp_path: Path) -> None:
    """The creation time must agree before anything is signalled."""
    other = python(SLEEP)
    processes.record(other.pid, "sleeper", records=tmp_path)
    (file,) = tmp_path.glob("*.json")
    file.write_text(file.read_text().replace('"created": 1', '"created": 9'))
    assert processes.sweep(tmp_path) == ()
    assert other.poll() is None
    other.kill()
    other.communicate()


def test_a_broken_record_is_dropped(tmp_path: Path) -> None:
    """A record that was cut off hurts nobody."""
    (tmp_path / "1.json").write_text('{"pid": 1')
    assert processes.recorded(tmp_path) == ()


def test_a_reserved_port_is_given_to_nobody_else() -> None:
    """Free ports that are asked for at once differ, and each can be listened on."""
    reserved = {ports.reserve() for _ in range(20)}
    assert len(reserved) == 20
    with ports.listen(reserved.pop()) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_replaced() -> None:
    """Listening where somebody listens already gives another port."""
    with socket.create_server(("127.0.0.1", 0)) as taken, ports.listen(taken.getsockname()[1]) as listener:
        assert listener.getsockname() != taken.getsockname()


def test_waiting_ends_with_what_was_waited_for() -> None:
    """A deadline that passes says what was not so."""
    with pytest.raises(StackError, match="the moon: not so after 0 seconds"):
        until(lambda: None, "the moon", seconds=0)
