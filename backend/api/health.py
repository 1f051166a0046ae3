"""Health: alive, ready, and which workers there are."""

import asyncio
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from backend.core.clock import monotonic_s
from backend.core.errors import ServiceError
from backend.core.logging import get_logger
from backend.db import revisions
from backend.db.revisions import SchemaState
from backend.jobs import heartbeat
from backend.web.guards import UserManageDep
from backend.web.problems import documented
from backend.web.services import Services, ServicesDep

_TIMEOUT_S = 3.0
_logger = get_logger(__name__)
router = APIRouter(prefix="/health", tags=["health"])


class Live(BaseModel):
    """The process runs."""

    status: Literal["alive"] = "alive"


class Check(BaseModel):
    """Whether one thing that the API needs answers, and how fast."""

    model_config = ConfigDict(frozen=True)

    ok: bool
    detail: str
    ms: float


class SchemaCheck(BaseModel):
    """Whether the database's schema suits this build."""

    model_config = ConfigDict(frozen=True)

    ok: bool
    detail: SchemaState


class Ready(BaseModel):
    """Whether requests should be sent here, and what answers."""

    status: Literal["ready", "not_ready"]
    version: str
    commit: str
    build_id: str | None = Field(description="Which build of the commit this is; null when it was not told.")
    fingerprint: str | None = Field(
        description="A keyed hash of the settings that are set; null without CONFIG_FINGERPRINT_KEY."
    )
    replica: str = Field(description="Which process answers: a random word, new with each start.")
    environment: str
    schema_revision: str | None
    schema_head: str
    checks: dict[Literal["database", "redis", "schema"], Check | SchemaCheck]


class Stop(BaseModel):
    """What became of the jobs that a worker had in hand when it was told to stop; the rest is null until it has."""

    model_config = ConfigDict(frozen=True)

    in_flight: int = Field(description="Jobs in hand at the time.")
    ended: int | None = Field(default=None, description="Those that came to their end within the grace period.")
    handed_back: int | None = Field(default=None, description="Those that others may start at once.")
    left: int | None = Field(default=None, description="Those that others may start when their leases have run out.")
    seconds: float | None = Field(default=None, description="How long it took.")


class WorkerSeen(BaseModel):
    """A worker and what it last said."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    version: str
    commit: str
    host: str
    pid: int
    state: Literal["running", "stopping", "stopped"]
    started_at: datetime
    beat_at: datetime
    age_s: float
    schema_revision: str | None
    build_id: str | None
    fingerprint: str | None
    envelope: int | None = Field(description="The newest form of payloads that it understands.")
    kinds: list[str] | None = Field(description="The kinds of jobs that it can run.")
    in_flight: int | None = Field(description="Jobs in hand.")
    stop: Stop | None = Field(description="Null until it was told to stop.")


class Workers(BaseModel):
    """The workers of the last hour, the latest heartbeat first."""

    workers: list[WorkerSeen]


class WorkerSecrets(BaseModel):
    """Which secrets a worker uses."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    state: Literal["running", "stopping", "stopped"]
    age_s: float
    secrets: dict[str, str] | None


class SecretsInUse(BaseModel):
    """Which secrets this process and the workers use, by keyed hashes that tell one from the one before it."""

    replica: str = Field(description="Which process answers, as in `/health/ready`.")
    secrets: dict[str, str] = Field(
        description="By variable, eight digits of a keyed hash; none without CONFIG_FINGERPRINT_KEY."
    )
    workers: list[WorkerSecrets]


@router.get("/live")
async def live() -> Live:
    """Say that the process runs, whatever else does not."""
    return Live()


@router.get("/ready", responses={503: {"model": Ready}})
async def ready(response: Response, services: ServicesDep) -> Ready:
    """Say whether database and schema let this build serve; Redis is shown, and may be down."""
    (database, observed), redis = await asyncio.gather(_check_database(services), _check_redis(services))
    state = SchemaState.UNKNOWN if observed is None else services.revisions.judge(observed)
    # Not Redis: without it everything is served, a little later, and a proxy that took us away would end that.
    is_ready = database.ok and state.is_served
    response.status_code = 200 if is_ready else 503
    return Ready(
        status="ready" if is_ready else "not_ready",
        version=services.build.version,
        commit=services.build.commit,
        build_id=services.build.id,
        fingerprint=services.fingerprint,
        replica=services.replica,
        environment=services.environment,
        schema_revision=revisions.label(observed or frozenset()),
        schema_head=services.revisions.head,
        checks={"database": database, "redis": redis, "schema": SchemaCheck(ok=state.is_served, detail=state)},
    )


@router.get("/workers", responses=documented(503))
async def workers(services: ServicesDep) -> Workers:
    """List the workers of the last hour."""
    async with services.database.statement() as connection:
        seen = await heartbeat.recent(connection)
    return Workers(workers=[WorkerSeen.model_validate(each) for each in seen])


@router.get("/secrets", responses=documented(401, 403, 503))
async def secrets(_user: UserManageDep, services: ServicesDep) -> SecretsInUse:
    """Say which secrets are in use, without them: who rotates one sees that the new one has arrived everywhere."""
    async with services.database.statement() as connection:
        seen = await heartbeat.recent(connection)
    return SecretsInUse(
        replica=services.replica,
        secrets=dict(services.secrets),
        workers=[WorkerSecrets.model_validate(each) for each in seen],
    )


async def warn_about_schema(services: Services) -> None:
    """Log once, at the start, when the schema is not this build's own.

    Args:
        services: What the API holds.
    """
    _, observed = await _check_database(services)
    state = SchemaState.UNKNOWN if observed is None else services.revisions.judge(observed)
    if state is not SchemaState.CURRENT:
        _logger.warning(
            "api.schema_differs",
            state=state.value,
            revision=revisions.label(observed or frozenset()),
            head=services.revisions.head,
            serves=state.is_served,
        )


async def _check_database(services: Services) -> tuple[Check, frozenset[str] | None]:
    started_s = monotonic_s()
    try:
        async with asyncio.timeout(_TIMEOUT_S), services.database.statement() as connection:
            observed = await revisions.observe(connection)
    except (ServiceError, TimeoutError) as error:
        return _failed(error, started_s), None
    return _passed(started_s), observed


async def _check_redis(services: Services) -> Check:
    started_s = monotonic_s()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await services.transport.ping()
    except (ServiceError, TimeoutError) as error:
        return _failed(error, started_s)
    return _passed(started_s)


def _passed(started_s: float) -> Check:
    return Check(ok=True, detail="answers", ms=_elapsed_ms(started_s))


def _failed(error: Exception, started_s: float) -> Check:
    detail = error.detail if isinstance(error, ServiceError) else f"no answer within {_TIMEOUT_S:.0f} s"
    return Check(ok=False, detail=detail, ms=_elapsed_ms(started_s))


def _elapsed_ms(started_s: float) -> float:
    return round((monotonic_s() - started_s) * 1000, 2)
