"""Real servers for every test: one PostgreSQL and one Redis per run, gone after its last test.

TEST_DATABASE_URL and TEST_REDIS_URL, when set, are used instead. A killed run's servers are cleaned up by the next run.
"""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from gonogo.local import postgres, redis

_FOLDER = Path(__file__).parent / ".gonogo" / "tests"


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the process that starts the others; those find the addresses in their environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _sweep()
    folder = _FOLDER / str(os.getpid())
    if "TEST_DATABASE_URL" not in os.environ:
        os.environ["TEST_DATABASE_URL"] = postgres.start(folder / "postgres", durable=False).url
    if "TEST_REDIS_URL" not in os.environ:
        os.environ["TEST_REDIS_URL"] = redis.start(folder / "redis").url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them again."""
    if not hasattr(config, "workerinput"):
        _remove(_FOLDER / str(os.getpid()))


def _sweep() -> None:
    """Remove the servers of runs that were killed."""
    for folder in _FOLDER.glob("[0-9]*"):
        if not psutil.pid_exists(int(folder.name)):
            _remove(folder)


def _remove(folder: Path) -> None:
    """Stop a run's servers and remove their files."""
    if not folder.exists():
        return
    postgres.stop(folder / "postgres")
    redis.stop(folder / "redis")
    shutil.rmtree(folder, ignore_errors=True)
