"""Backup schedules of databases, and what became of their runs."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, RefusedCallError, is_true
from gonogo.local.coolify.resources import BackupRun, Database, Schedule
from gonogo.local.coolify.version import BACKUPS, CANCEL

_WORDS = frozenset(("hourly", "daily", "weekly", "monthly", "yearly", "every_minute"))
_CRON = re.compile(r"(\S+ ){4}\S+")
_CLASSES = {
    "standalone-postgresql": "App\\Models\\StandalonePostgresql",
    "standalone-mysql": "App\\Models\\StandaloneMysql",
    "standalone-mariadb": "App\\Models\\StandaloneMariadb",
    "standalone-mongodb": "App\\Models\\StandaloneMongodb",
}
_KNOWN = frozenset(
    (
        "frequency",
        "enabled",
        "save_s3",
        "s3_storage_uuid",
        "dump_all",
        "databases_to_backup",
        "backup_now",
        "timeout",
        "description",
        "disable_local_backup",
        "database_backup_retention_amount_locally",
        "database_backup_retention_days_locally",
    )
)


async def every(call: Call) -> Response:
    """Return the schedules with this numeric database id: those of other engines with the same number as well."""
    database = _database(call)
    numbers = {each.uuid: each.server_number for each in call.store.databases}
    found = [each for each in call.store.schedules if numbers.get(each.database) == database.server_number]
    return answers.ok([schedule_of(call, each) for each in found])


async def create(call: Call) -> Response:
    """Add a schedule, and run it once when that is asked for."""
    database, body = _database(call), await call.body()
    if database.engine not in _CLASSES:
        return answers.invalid({"database": ["This database type does not support backups."]})
    _check(body, is_new=True)
    now = call.store.now()
    schedule = call.store.schedules.put(
        Schedule(
            number=call.store.number(),
            uuid=call.store.new_uuid(),
            database=database.uuid,
            created_at=now,
            updated_at=now,
            **_columns(body),
        )
    )
    if is_true(body.get("backup_now")):
        call.office.work.back_up(database, schedule)
    text = "Backup configuration created successfully."
    return answers.ok({"uuid": schedule.uuid, "message": text}, 201)


async def change(call: Call) -> Response:
    """Change a schedule, and run it once when that is asked for; of the run nothing is told."""
    database, body = _database(call), await call.body()
    _check(body, is_new=False)
    schedule = _schedule(call, "Backup config not found.")
    schedule = call.store.schedules.put(replace(schedule, **_columns(body), updated_at=call.store.now()))
    if is_true(body.get("backup_now")):
        call.office.work.back_up(database, schedule)
    return answers.message(200, "Database backup configuration updated")


async def executions(call: Call) -> Response:
    """Return a schedule's runs, newest first; neither their end nor the upload is told here."""
    _database(call)
    shown = [
        {
            "uuid": run.uuid,
            "filename": run.filename,
            "size": run.size,
            "created_at": f"{run.created_at[:19]}+00:00",
            "message": run.message,
            "status": run.status,
        }
        for run in _runs(call, _schedule(call))
    ]
    return answers.ok({"executions": shown})


async def remove(call: Call) -> Response:
    """Remove a schedule, its runs and its files."""
    _database(call)
    schedule = _schedule(call)
    for run in _runs(call, schedule):
        call.store.backups.remove(run.uuid)
    call.store.schedules.remove(schedule.uuid)
    return answers.message(200, "Backup configuration and all executions deleted.")


async def remove_execution(call: Call) -> Response:
    """Remove one run and its file."""
    _database(call)
    found = [run for run in _runs(call, _schedule(call)) if run.uuid == call.path("execution")]
    if not found:
        return answers.message(404, "Backup execution not found.")
    call.store.backups.remove(found[0].uuid)
    return answers.message(200, "Backup execution deleted.")


_ALL = "/databases/{uuid}/backups"
_ONE = f"{_ALL}/{{schedule}}"
ENDPOINTS = (
    Endpoint(method="GET", path=_ALL, ability="read", handler=every, since=BACKUPS),
    Endpoint(method="POST", path=_ALL, ability="write", handler=create, since=CANCEL),
    Endpoint(method="PATCH", path=_ONE, ability="write", handler=change, since=BACKUPS),
    Endpoint(method="DELETE", path=_ONE, ability="write", handler=remove, since=BACKUPS),
    Endpoint(method="GET", path=f"{_ONE}/executions", ability="read", handler=executions, since=BACKUPS),
    Endpoint(
        method="DELETE",
        path=f"{_ONE}/executions/{{execution}}",
        ability="write",
        handler=remove_execution,
        since=BACKUPS,
    ),
)


def schedule_of(call: Call, schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as the API shows it, with its runs."""
    database = call.store.databases.get(schedule.database)
    return {
        "id": schedule.number,
        "uuid": schedule.uuid,
        "description": schedule.description,
        "enabled": schedule.enabled,
        "frequency": schedule.frequency,
        "save_s3": bool(schedule.upload),
        "s3_storage_id": 1 if schedule.upload else None,
        "dump_all": schedule.dump_all,
        "databases_to_backup": ",".join(schedule.databases) or None,
        "timeout": schedule.timeout,
        "disable_local_backup": False,
        "database_type": _CLASSES.get(database.engine if database else "", ""),
        "database_id": database.server_number if database else 0,
        "team_id": 0,
        "database_backup_retention_amount_locally": 0,
        "database_backup_retention_days_locally": 0,
        "executions": [_execution(run, schedule) for run in _runs(call, schedule)],
        "created_at": schedule.created_at,
        "updated_at": schedule.updated_at,
    }


def _execution(run: BackupRun, schedule: Schedule) -> dict[str, Any]:
    return {
        "id": run.number,
        "uuid": run.uuid,
        "status": run.status,
        "message": run.message,
        "size": run.size,
        "filename": run.filename,
        "database_name": run.database_name,
        "finished_at": run.finished_at,
        "local_storage_deleted": False,
        "s3_storage_deleted": False,
        "s3_uploaded": run.uploaded,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
        "scheduled_database_backup_id": schedule.number,
    }


def _runs(call: Call, schedule: Schedule) -> list[BackupRun]:
    return sorted((run for run in call.store.backups if run.schedule == schedule.uuid), key=lambda run: -run.number)


def _database(call: Call) -> Database:
    database = call.store.databases.get(call.path("uuid"))
    if database is None:
        raise RefusedCallError(answers.message(404, "Database not found."))
    return database


def _schedule(call: Call, missing: str = "Backup configuration not found.") -> Schedule:
    schedule = call.store.schedules.get(call.path("schedule"))
    if schedule is None or schedule.database != call.path("uuid"):
        raise RefusedCallError(answers.message(404, missing))
    return schedule


def _check(body: Mapping[str, Any], *, is_new: bool) -> None:
    errors = {key: ["This field is not allowed."] for key in body if key not in _KNOWN}
    frequency = body.get("frequency")
    if frequency is None and is_new:
        errors["frequency"] = ["The frequency field is required."]
    if frequency is not None and frequency not in _WORDS and not _CRON.fullmatch(str(frequency)):
        errors["frequency"] = ["Invalid cron expression or frequency."]
    if errors:
        raise RefusedCallError(answers.invalid(errors))


def _columns(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says, by our names."""
    found = {key: body[key] for key in ("frequency", "enabled", "dump_all", "timeout", "description") if key in body}
    if "databases_to_backup" in body:
        found["databases"] = tuple(part for part in str(body["databases_to_backup"] or "").split(",") if part)
    if "save_s3" in body:
        found["upload"] = "ok" if body["save_s3"] else ""
    return found
