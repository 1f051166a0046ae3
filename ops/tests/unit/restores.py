"""Restores and switches of databases, in the in-memory world."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from gonogo import bootstrap
from gonogo.errors import RefusedError
from gonogo.model import Backup, Plan
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import CONFIG, Story

SERVED, INTO, BACKUP = "d", "back", "b1"
# Those that no other kind of plan has.
STEPS = ("lock", "restore-into", "bring-up", "switch", "restore-record")


def backed_up(*, at: str = "r1", **changes: Any) -> Scene:
    """Return a scene with a backup of a schema."""
    backup = Backup(
        dump=Path(f"{BACKUP}/dump"),
        manifest=Path(f"{BACKUP}/manifest.json"),
        sha256="d" * 64,
        size_bytes=100,
        server_version="18.4",
        schema_revision=at,
        row_counts={"public.thoughts": 3},
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Scene(**{"backups": {BACKUP: backup}, **changes})


def newer(**changes: Any) -> Scene:
    """Return a scene in which what serves needs a newer schema than was backed up."""
    return backed_up(**{"schema": "r2", "serving": NEW, "working": NEW, **changes})


def restored(**changes: Any) -> Scene:
    """Return a scene with a database that a restore has filled."""
    return backed_up(**{"databases": {SERVED: "", INTO: "restored earlier"}, **changes})


def restore(scene: Scene, *, switch: bool = False, without_backup: str = "", keep_schema: str = "") -> Plan:
    """Return the plan of restoring the backup."""
    wanted = bootstrap.Wanted(
        into=INTO, name=BACKUP, switch=switch, without_backup=without_backup, keep_schema=keep_schema
    )
    return bootstrap.restore(CONFIG, scene.world(), None, wanted)


def switch(scene: Scene) -> Plan:
    """Return the plan of serving another database."""
    wanted = bootstrap.Wanted(into=INTO, switch=True, is_alone=True)
    return bootstrap.restore(CONFIG, scene.world(), None, wanted)


_SWITCHED = partial(restore, switch=True)
_IN_USE = RefusedError("database-in-use", "somebody does not leave")
# What a restore's part of the crash matrix is made of.
RESTORES: Mapping[str, Story] = {
    "restored": Story(scene=backed_up, plan=restore),
    "restored-and-served": Story(scene=backed_up, plan=_SWITCHED),
    "restored-brought-up": Story(scene=newer, plan=_SWITCHED),
    "restored-name-taken": Story(
        scene=partial(backed_up, fail_at={"restores.name": RefusedError("database-exists", "there is one")}),
        plan=restore,
    ),
    "restored-in-use": Story(scene=partial(backed_up, fail_at={"restores.switch": _IN_USE}), plan=_SWITCHED),
    "restored-not-ready": Story(scene=partial(backed_up, unready={OLD: "no table"}), plan=_SWITCHED),
    "switched": Story(scene=restored, plan=switch),
    "switched-not-ready": Story(scene=partial(restored, unready={OLD: "no table"}), plan=switch),
}
