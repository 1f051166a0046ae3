"""The limits of a run: from arguments, else from the environment, else as below."""

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from gonogo_migrator.errors import MigratorError


def _someone() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The limits of a run.

    Attributes:
        lock_timeout_ms: How long a statement may wait for a lock, and so how long it may keep others waiting behind it.
        statement_timeout_ms: How long a statement may run.
        idle_timeout_ms: How long a revision may do nothing while its transaction is open; then the server ends it.
        wait_seconds: How long to wait for another migration to end.
        attempts: How often a revision is tried that could not get its locks.
        retry_seconds: How long it is tried, all attempts and pauses together; no attempt begins later.
        record: Whether each revision is noted in the table `gonogo_migrations` of the target.
        by: Who runs it, for that table and for whoever waits.
        lock_key: The advisory lock; by default one for each database and version table.
    """

    lock_timeout_ms: int = 2_000
    statement_timeout_ms: int = 60_000
    idle_timeout_ms: int = 60_000
    wait_seconds: float = 60.0
    attempts: int = 10
    retry_seconds: float = 120.0
    record: bool = True
    by: str = field(default_factory=_someone)
    lock_key: tuple[int, int] | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> Self:
        """Return the settings: what is given wins over the environment's MIGRATION_*.

        Raises:
            MigratorError: values of the environment make no sense; all of them are named.
        """
        wrong = []
        for name, kind in _READ.items():
            text = environ.get(f"MIGRATION_{name.upper()}", "")
            if name not in given and text:
                value = _number(text, kind)
                wrong += [f"MIGRATION_{name.upper()}={text}"] if value is None else []
                given[name] = value
        if wrong:
            raise MigratorError(f"{', '.join(wrong)}: must be a number above 0")
        return cls(**given)


_READ: dict[str, type] = {each.name: each.type for each in fields(Settings) if each.type in {int, float}}


def _number(text: str, kind: type) -> Any:
    """Return what a text says, None where that is no number above 0."""
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
