"""Migrations looked at before they run: captured on a scratch server, read by our rules and by squawk.

Importing this package brings little: the project's interpreter is begun first, and imports while `judging` does.
"""

import sys
from pathlib import Path

from gonogo import adoption
from gonogo.adapters import capturing
from gonogo.adapters.processes import Running
from gonogo.model import MigrationSetup

__all__ = ["begin", "migration_setup", "source"]


def migration_setup(root: Path, environ: dict[str, str], environment: str = "") -> MigrationSetup:
    """Return how a project's migrations are run.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: values are missing or wrong, all of them at once.
    """
    return adoption.load(root, environ, environment)


def source(setup: MigrationSetup) -> capturing.Source:
    """Return whose migrations are captured, with the interpreter that they run in."""
    own = setup.root / ".venv" / "bin" / "python"
    python = str(own if own.exists() else sys.executable)
    command = tuple(word.format(python=python) for word in setup.command)
    return capturing.Source(
        command=command, root=setup.root, ini=setup.ini, environ=setup.environ, seconds=setup.seconds
    )


def begin(setup: MigrationSetup, *, drift: bool = False) -> Running | None:
    """Start the project's interpreter, so that it is ready when the rest is; None where nothing has to be run.

    Args:
        setup: how its migrations are run.
        drift: whether the models will be compared with the schema.

    Raises:
        RefusedError: there is no such interpreter.
    """
    whose = source(setup)
    if capturing.remembered(setup.state / "lint" / "captures", whose, drift=drift).is_file():
        return None
    return capturing.begin(whose, bytecode=setup.state / "lint" / "bytecode")
