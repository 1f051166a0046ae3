"""Migrations looked at before they run: captured on a scratch server, read by our rules and by squawk.

Importing this package brings little: what was judged before is shown at once; else the project's interpreter is begun
first, and imports while `judging` does.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gonogo import adoption
from gonogo.adapters import capturing
from gonogo.adapters.processes import Running
from gonogo.linting.choosing import below, linted, wanted_of
from gonogo.linting.memory import Memory
from gonogo.model import MigrationSetup

__all__ = [
    "Asked",
    "Memory",
    "Running",
    "Server",
    "begun",
    "below",
    "interpreter",
    "linted",
    "memory",
    "migration_setup",
    "source",
    "wanted_of",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is looked at.

    Attributes:
        done: revisions that were applied somewhere, which are not looked at again, nor those before them.
        only: the one revision to look at; empty for all that are not done.
        drift: whether the models are compared with the migrated schema, too.
    """

    done: frozenset[str] = frozenset()
    only: str = ""
    drift: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A scratch server.

    Attributes:
        url: any database of it.
        is_ours: whether nobody else uses it.
    """

    url: str
    is_ours: bool = False


def migration_setup(root: Path, environ: dict[str, str], environment: str = "") -> MigrationSetup:
    """Return how a project's migrations are run.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: values are missing or wrong, all of them at once.
    """
    return adoption.load(root, environ, environment)


def interpreter(setup: MigrationSetup) -> Path:
    """Return the interpreter of the project's `.venv`, else the one that runs us."""
    own = setup.root / ".venv" / "bin" / "python"
    return own if own.exists() else Path(sys.executable)


def source(setup: MigrationSetup, *, python: Path | None = None) -> capturing.Source:
    """Return whose migrations are captured, with the interpreter that they run in.

    Args:
        setup: how they are run.
        python: the interpreter; that of `.venv` unless told, else the one that runs us.
    """
    found = python or interpreter(setup)
    command = tuple(word.format(python=found) for word in setup.command)
    return capturing.Source(
        command=command, root=setup.root, ini=setup.ini, environ=setup.environ, seconds=setup.seconds
    )


def memory(setup: MigrationSetup, *, drift: bool = False) -> Memory:
    """Return where a project's history is remembered, as it is now: captured, and judged.

    Args:
        setup: how its migrations are run.
        drift: whether the models are compared with the schema.
    """
    return Memory.of(setup.state / "lint", source(setup), drift=drift)


@contextmanager
def begun(setup: MigrationSetup, known: Memory) -> Iterator[Running | None]:
    """Yield the project's interpreter, started and gone at the end; None where nothing has to be run.

    Args:
        setup: how its migrations are run.
        known: what is remembered of them.

    Raises:
        RefusedError: there is no such interpreter.
    """
    if known.is_captured:
        yield None
        return
    running = capturing.begin(source(setup), bytecode=setup.state / "lint" / "bytecode")
    try:
        yield running
    finally:
        running.stop()
