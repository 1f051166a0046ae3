"""What Ctrl-C and a request to end do to a task."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# Stops in order until it is told that it may end; its last words are written whatever comes meanwhile.
_TASK = """
import sys
from gonogo.tasks import door

with door.opened():
    try:
        print("working", flush=True)
        sys.stdin.readline()
    except KeyboardInterrupt:
        print("stopping", flush=True)
        sys.stdin.readline()
        print("stopped", flush=True)
        raise
"""


@contextmanager
def _working() -> Iterator["subprocess.Popen[str]"]:
    """Yield a task that is at work."""
    with subprocess.Popen(
        (sys.executable, "-c", _TASK), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as task:
        _reads(task, "working")
        yield task
        task.kill()


def _reads(task: "subprocess.Popen[str]", expected: str) -> None:
    """Wait for a line."""
    assert task.stdout
    assert expected in task.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_stops_in_order(number: signal.Signals) -> None:
    """Exit code 130, after the last words."""
    with _working() as task:
        task.send_signal(number)
        _reads(task, "stopping")
        out, err = task.communicate("\n", timeout=60)

    assert (out, task.returncode) == ("stopped\n", 130)
    assert "interrupted" in err
    assert "Traceback" not in err


def test_the_second_is_answered_and_disturbs_nothing() -> None:
    """The journal's last entry is being written, perhaps."""
    with _working() as task:
        task.send_signal(signal.SIGINT)
        _reads(task, "stopping")
        task.send_signal(signal.SIGTERM)
        _reads(task, "Once more ends it at once")
        out, _ = task.communicate("\n", timeout=60)

    assert (out, task.returncode) == ("stopped\n", 130)


def test_the_third_ends_it_at_once() -> None:
    """As a kill does, which a release survives."""
    with _working() as task:
        task.send_signal(signal.SIGINT)
        _reads(task, "stopping")
        task.send_signal(signal.SIGINT)
        _reads(task, "Once more ends it at once")
        task.send_signal(signal.SIGINT)
        assert task.wait(timeout=60) == 130
