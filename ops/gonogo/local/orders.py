"""What the supervisor is told, as a file: it outlives the command that starts it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gonogo.adapters.checkouts import Checkouts
from gonogo.local import files
from gonogo.local.definition import Owner
from gonogo.local.paths import Paths


@dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """What the supervisor is told.

    Attributes:
        commands: start command by service.
        control_token: guards the stand-in's own endpoints.
        database: url and name of a database to drop in the end; None when the server is our own.
    """

    commands: Mapping[str, tuple[str, ...]]
    checkouts: Checkouts
    control_token: str
    database: tuple[str, str] | None


def write(paths: Paths, orders: Orders) -> None:
    """Keep the orders of a stack."""
    checkouts = orders.checkouts
    files.write_json(
        paths.orders,
        {
            "commands": {name: list(command) for name, command in orders.commands.items()},
            "control_token": orders.control_token,
            "database": list(orders.database) if orders.database else None,
            "checkouts": {
                "repository": str(checkouts.repository),
                "root": str(checkouts.root),
                "environment": list(checkouts.environment),
                "key_files": list(checkouts.key_files),
                "environments": str(checkouts.environments),
            },
        },
    )


def read(paths: Paths) -> Orders | None:
    """Return the orders of a stack; None when there are none, or only a part."""
    try:
        data = json.loads(paths.orders.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Orders(
        commands={name: tuple(command) for name, command in data["commands"].items()},
        checkouts=_checkouts(data["checkouts"]),
        control_token=data["control_token"],
        database=tuple(data["database"]) if data["database"] else None,
    )


def write_owner(paths: Paths, owner: Owner | None) -> None:
    """Say which process a stack is for; None lets it run until somebody ends it."""
    if owner is None:
        paths.owner.unlink(missing_ok=True)
        return
    files.write_json(paths.owner, {"pid": owner.pid, "created": owner.created})


def read_owner(paths: Paths) -> Owner | None:
    """Return the process that a stack is for."""
    try:
        data = json.loads(paths.owner.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Owner(pid=data["pid"], created=data["created"])


def _checkouts(data: Mapping[str, Any]) -> Checkouts:
    return Checkouts(
        repository=Path(data["repository"]),
        root=Path(data["root"]),
        environment=tuple(data["environment"]),
        key_files=tuple(data["key_files"]),
        environments=Path(data["environments"]),
    )
