"""Everything that survives a restart of the stand-in, and how it is read back.

May not do I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gonogo.local.coolify.records import Application, Container, Deployment, Server, Switched, Token, Variable
from gonogo.local.coolify.resources import BackupRun, Database, Image, Notice, Schedule, Task, TaskRun
from gonogo.model import JSON

Record = TypeVar("Record")


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Every table, and the server."""

    server: Server = field(default_factory=Server)
    last_number: int = 0
    webhook: Mapping[str, JSON] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()
    applications: tuple[Application, ...] = ()
    variables: tuple[Variable, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    containers: tuple[Container, ...] = ()
    faults: tuple[Switched, ...] = ()
    databases: tuple[Database, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    backups: tuple[BackupRun, ...] = ()
    tasks: tuple[Task, ...] = ()
    task_runs: tuple[TaskRun, ...] = ()
    notices: tuple[Notice, ...] = ()
    images: tuple[Image, ...] = ()


def thawed(kind: type[Record], data: Mapping[str, Any]) -> Record:
    """Return a record read from JSON; keys that it does not know are left out."""
    hints = get_type_hints(kind)
    return kind(**{key: _value(hints[key], value) for key, value in data.items() if key in hints})


def _value(hint: Any, value: Any) -> Any:  # JSON
    origin, arguments = get_origin(hint), get_args(hint)
    if value is None:
        return None
    if origin in {Union, UnionType}:
        return _value(next(each for each in arguments if each is not NoneType), value)
    if origin is tuple:
        return tuple(_value(arguments[0], item) for item in value)
    if is_dataclass(hint) and isinstance(hint, type):
        return thawed(hint, value)
    return Path(value) if hint is Path else value
