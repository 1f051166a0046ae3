"""The stand-in's tables, and the file that brings them back after a restart."""

import json
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from gonogo.local import files
from gonogo.local.coolify.clock import Clock, stamp
from gonogo.local.coolify.records import (
    ACTIVE,
    FAILED,
    Application,
    Container,
    Deployment,
    Server,
    Switched,
    Token,
    Variable,
)
from gonogo.local.coolify.resources import RUNNING, BackupRun, Database, Image, Notice, Schedule, Task, TaskRun
from gonogo.local.coolify.snapshot import Snapshot, thawed
from gonogo.model import JSON

_ID_LENGTH = 24
_LETTERS = string.ascii_lowercase + string.digits


class Row(Protocol):
    """Anything with a public id."""

    @property
    def uuid(self) -> str:
        """Return the public id."""


AnyRow = TypeVar("AnyRow", bound=Row)


class Table(Generic[AnyRow]):
    """Rows by public id, in the order in which they came."""

    def __init__(self, rows: tuple[AnyRow, ...], changed: Callable[[], None]) -> None:
        """Take the first rows; `changed` is called after each change."""
        self._rows = {row.uuid: row for row in rows}
        self._changed = changed

    def __iter__(self) -> Iterator[AnyRow]:
        """Return every row, oldest first."""
        return iter(tuple(self._rows.values()))

    def get(self, uuid: str) -> AnyRow | None:
        """Return a row; None when there is none."""
        return self._rows.get(uuid)

    def put(self, row: AnyRow) -> AnyRow:
        """Add a row, or replace the one with its id, and return it."""
        self._rows[row.uuid] = row
        self._changed()
        return row

    def remove(self, uuid: str) -> None:
        """Remove a row; nothing happens when there is none."""
        self._rows.pop(uuid, None)
        self._changed()


class Store:
    """Every table, saved after each change."""

    def __init__(
        self,
        clock: Clock,
        path: Path | None = None,
        *,
        server: Server | None = None,
        letters: Callable[[str], str] = secrets.choice,
    ) -> None:
        """Read what a former run saved.

        Args:
            clock: for the times in rows.
            path: the file; None keeps everything in memory only.
            server: how a new Coolify is set up; a saved one keeps its own.
            letters: chooses a letter of a public id.
        """
        self._letters = letters
        self.clock = clock
        self._path = path
        found = _read(path) or Snapshot(server=server or Server())
        self._last_number = found.last_number
        self._server = found.server
        self._faults = found.faults
        self._webhook = dict(found.webhook)
        self.tokens: Table[Token] = Table(found.tokens, self.save)
        self.applications: Table[Application] = Table(found.applications, self.save)
        self.variables: Table[Variable] = Table(found.variables, self.save)
        self.containers: Table[Container] = Table(found.containers, self.save)
        self.deployments: Table[Deployment] = Table(found.deployments, self.save)
        self.databases: Table[Database] = Table(found.databases, self.save)
        self.schedules: Table[Schedule] = Table(found.schedules, self.save)
        self.backups: Table[BackupRun] = Table(found.backups, self.save)
        self.tasks: Table[Task] = Table(found.tasks, self.save)
        self.task_runs: Table[TaskRun] = Table(found.task_runs, self.save)
        self.notices: Table[Notice] = Table(found.notices, self.save)
        self.images: Table[Image] = Table(found.images, self.save)

    @property
    def server(self) -> Server:
        """Return how this Coolify is set up now, faults included."""
        server = self._server
        for fault in self._faults:
            server = replace(server, **fault.server) if fault.server and fault.armed_at is not None else server
        return server

    def set_up(self, changes: Mapping[str, Any]) -> None:
        """Change how this Coolify is set up.

        Raises:
            TypeError: there is no such setting.
        """
        self._server = replace(self._server, **changes)
        self.save()

    @property
    def faults(self) -> tuple[Switched, ...]:
        """Return the faults that are switched on."""
        return self._faults

    def switch(self, faults: tuple[Switched, ...]) -> None:
        """Replace the faults that are switched on."""
        self._faults = faults
        self.save()

    @property
    def webhook(self) -> Mapping[str, JSON]:
        """Return how the team's webhook is set up, as far as somebody has changed it."""
        return self._webhook

    def change_webhook(self, changes: Mapping[str, JSON]) -> None:
        """Change how the team's webhook is set up."""
        self._webhook |= changes
        self.save()

    def visible(self, uuid: str) -> Application | None:
        """Return an application as the API sees it: one that a fault has deleted is not there."""
        gone = {fault.gone for fault in self._faults if fault.armed_at is not None}
        app = self.applications.get(uuid)
        return app if app and app.name not in gone else None

    def number(self) -> int:
        """Return the next number; they ascend over all tables."""
        self._last_number += 1
        return self._last_number

    def new_uuid(self) -> str:
        """Return a public id: 24 small letters and digits."""
        return "".join(self._letters(_LETTERS) for _ in range(_ID_LENGTH))

    def now(self) -> str:
        """Return the time as rows carry it."""
        return stamp(self.clock.now())

    def fail_interrupted(self) -> None:
        """Do what Coolify does when it starts: what was active has failed, and nobody knows when it ended."""
        for row in self.deployments:
            if row.status in ACTIVE:
                self.deployments.put(replace(row, status=FAILED, updated_at=self.now()))
        for run in self.backups:
            if run.status == RUNNING:
                self.backups.put(replace(run, status=FAILED, updated_at=self.now()))

    def save(self) -> None:
        """Write everything to the file."""
        if self._path is not None:
            files.write(self._path, json.dumps(asdict(self._snapshot()), default=str))

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            server=self._server,
            last_number=self._last_number,
            webhook=self._webhook,
            tokens=tuple(self.tokens),
            applications=tuple(self.applications),
            variables=tuple(self.variables),
            deployments=tuple(self.deployments),
            containers=tuple(self.containers),
            faults=self._faults,
            databases=tuple(self.databases),
            schedules=tuple(self.schedules),
            backups=tuple(self.backups),
            tasks=tuple(self.tasks),
            task_runs=tuple(self.task_runs),
            notices=tuple(self.notices),
            images=tuple(self.images),
        )


def _read(path: Path | None) -> Snapshot | None:
    if path is None or not path.exists():
        return None
    return thawed(Snapshot, json.loads(path.read_text(encoding="utf-8")))
