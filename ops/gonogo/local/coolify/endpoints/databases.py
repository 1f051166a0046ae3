"""Databases: list, one, start, stop, restart."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, RefusedCallError
from gonogo.local.coolify.endpoints.applications import destination
from gonogo.local.coolify.endpoints.backups import schedule_of
from gonogo.local.coolify.resources import Database

_IMAGES = {"standalone-postgresql": "postgres:16-alpine", "standalone-redis": "redis:7.2"}


async def every(call: Call) -> Response:
    """Return every database with its backup schedules."""
    return answers.ok([full(call, each) for each in call.store.databases])


async def single(call: Call) -> Response:
    """Return one database."""
    return answers.ok(full(call, found(call)))


def found(call: Call) -> Database:
    """Return the database in the path.

    Raises:
        RefusedCallError: there is none.
    """
    database = call.store.databases.get(call.path("uuid"))
    if database is None:
        raise RefusedCallError(answers.message(404, "Database not found."))
    return database


def full(call: Call, database: Database) -> dict[str, Any]:
    """Return a database as the API shows it."""
    shown = {
        "uuid": database.uuid,
        "name": database.name,
        "database_type": database.engine,
        "status": database.status,
        "image": _IMAGES.get(database.engine, database.engine),
        "is_public": False,
        "public_port": None,
        "postgres_user": database.user,
        "postgres_db": database.schema,
        "limits_memory": "0",
        "limits_cpus": "0",
        "health_check_enabled": True,
        "health_check_interval": 15,
        "started_at": database.started_at,
        "restart_count": database.restart_count,
        "server_status": call.store.server.reachable,
        "destination": destination(call),
        "backup_configs": [schedule_of(call, each) for each in call.store.schedules if each.database == database.uuid],
        "created_at": database.created_at,
        "updated_at": database.updated_at,
    }
    address = f"postgres://{database.user}:{database.password}@{database.uuid}:5432/{database.schema}"
    secrets = {"postgres_password": database.password, "internal_db_url": address, "external_db_url": None}
    return shown | (secrets if call.sensitive else {})


def _turned(status: str, refusal: str, text: str) -> Callable[[Call], Awaitable[Response]]:
    """Return what starts or stops a database; one that is so already is refused."""

    async def turn(call: Call) -> Response:
        database = found(call)
        if refusal and database.status.startswith(status.partition(":")[0]):
            return answers.message(400, refusal)
        now = call.store.now()
        started = now if status.startswith("running") else database.started_at
        call.store.databases.put(replace(database, status=status, started_at=started, updated_at=now))
        return answers.message(200, text)

    return turn


_start = _turned("running:healthy", "Database is already running.", "Database starting request queued.")
_stop = _turned("exited:unhealthy", "Database is already stopped.", "Database stopping request queued.")
_restart = _turned("running:healthy", "", "Database restarting request queued.")

ENDPOINTS = (
    Endpoint(method="GET", path="/databases", ability="read", handler=every),
    Endpoint(method="GET", path="/databases/{uuid}", ability="read", handler=single),
    Endpoint(method="POST", path="/databases/{uuid}/start", ability="deploy", handler=_start),
    Endpoint(method="POST", path="/databases/{uuid}/stop", ability="deploy", handler=_stop),
    Endpoint(method="POST", path="/databases/{uuid}/restart", ability="deploy", handler=_restart),
)
