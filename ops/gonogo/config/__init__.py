"""Read gonogo.toml for one environment, and say every problem at once.

`document` is the file with its tables, `project` what holds for each environment, `stack` what a local stack is made
of, `target` one environment, `values` how its values are filled in, `elsewhere` what
other environments hold. May not talk to anything outside beyond the file
that it is given.
"""

from collections.abc import Mapping
from pathlib import Path

from gonogo.config import document as document_room
from gonogo.config import elsewhere, project, values
from gonogo.config import target as target_room
from gonogo.config.document import FILE, Problems
from gonogo.config.stack import STACK_PLACEHOLDERS, STACK_VARIABLES
from gonogo.errors import ConfigurationError
from gonogo.model import Config, Project

__all__ = ["FILE", "STACK_PLACEHOLDERS", "STACK_VARIABLES", "load", "load_project", "stack_of"]


def load(path: Path, environment: str, environ: Mapping[str, str], shell: Mapping[str, str] | None = None) -> Config:
    """Return the configuration of one environment.

    Args:
        path: gonogo.toml.
        environment: a name under [environments].
        environ: the process environment, or what a local stack says of itself.
        shell: the process environment where `environ` is a stack's; it names the ledger.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: the file cannot be read, or values are missing or wrong; all of them at once.
    """
    document = document_room.read(path)
    table = document_room.environment_of(document, environment)
    problems = Problems()
    parts = project.parts(path.parent, document, problems, shell or environ)
    variables = {**values.env_file(path.parent, table), **environ}
    target = target_room.read(environment, table, variables, problems, root=path.parent)
    _refuse(environment, problems)
    others = {} if target.stack else elsewhere.read(path.parent, document, environment)
    return Config(**parts, target=target, elsewhere=others)


def stack_of(path: Path, environment: str) -> str | None:
    """Return the local stack that an environment lives on; None for a real one.

    Raises:
        UsageError: there is no such environment.
    """
    stack = document_room.environment_of(document_room.read(path), environment).get("stack")
    return str(stack) if stack else None


def load_project(path: Path, environ: Mapping[str, str]) -> Project:
    """Return what needs no environment of gonogo.toml; `environ` is the process's own.

    Raises:
        ConfigurationError: the file cannot be read, or values are missing or wrong; all of them at once.
    """
    problems = Problems()
    parts = project.parts(path.parent, document_room.read(path), problems, environ)
    _refuse("", problems)
    return Project(**parts)


def _refuse(environment: str, problems: Problems) -> None:
    """Raise when there was any problem."""
    if not problems.found:
        return
    count = f"{len(problems.found)} problem{'s' if len(problems.found) > 1 else ''}"
    what = f"the environment {environment!r}" if environment else FILE
    hint = "set them" if environment else f"mend {FILE}"
    message = f"{what} is not complete: {count}"
    raise ConfigurationError("config-incomplete", message, problems=tuple(problems.found), hint=hint)
