"""What the owner of an account may ask: to sync, to reconcile, how it stands."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from backend.core.errors import ServiceError
from backend.db.unit_of_work import Connection
from backend.features.todoist.repository import accounts, requests, runs
from backend.features.todoist.repository.runs import StoredRun
from backend.features.todoist.schemas import LostChange, RunOut, State, TodoistCounts, TodoistStatusV1

SYNC: Literal["todoist.sync"] = "todoist.sync"
RECONCILE: Literal["todoist.reconcile"] = "todoist.reconcile"
_STATES: dict[str, State] = {"failed": "failing", "blocked": "blocked"}


class NotConnectedError(ServiceError):
    """No Todoist account belongs to the caller."""

    slug = "todoist-not-connected"
    title = "Todoist is not connected"
    status = 409


async def request(
    connection: Connection,
    twin_id: UUID,
    *,
    owner_email: str | None,
    kind: Literal["todoist.sync", "todoist.reconcile"],
    is_confirmed: bool = False,
) -> UUID:
    """Queue a sync or a reconcile unless one is waiting or running, and return its job.

    Args:
        connection: A transaction.
        twin_id: Who asks.
        owner_email: Whose account this deployment has; None when it has none.
        kind: What is asked for.
        is_confirmed: Whether a mass deletion is agreed to.

    Raises:
        NotConnectedError: The account belongs to somebody else, or there is none.
    """
    if not await _is_owner(connection, twin_id, owner_email):
        msg = "No Todoist account is connected to you. TODOIST_API_TOKEN and TODOIST_OWNER_EMAIL say whose one is."
        raise NotConnectedError(msg)
    return await requests.enqueue_once(connection, twin_id, kind=kind, is_confirmed=is_confirmed)


async def status(connection: Connection, twin_id: UUID, *, owner_email: str | None) -> TodoistStatusV1:
    """Return how both sides stand.

    Args:
        connection: An open connection.
        twin_id: Who asks.
        owner_email: Whose account this deployment has; None when it has none.
    """
    if not await _is_owner(connection, twin_id, owner_email):
        return TodoistStatusV1(state="not_connected")
    latest = await runs.latest(connection, twin_id)
    last_sync, last_reconcile = (_newest(latest, kind) for kind in ("sync", "reconcile"))
    successes = [each.finished_at for each in latest if each.state == "done" and each.finished_at]
    ticks = await requests.next_ticks(connection)
    return TodoistStatusV1(
        state=await _state(connection, twin_id, [each for each in (last_sync, last_reconcile) if each]),
        last_sync=_shown(last_sync),
        last_reconcile=_shown(last_reconcile),
        last_success_at=max(successes, default=None),
        counts=TodoistCounts.model_validate(await requests.totals(connection, twin_id)),
        drift=dict(_compared(latest)),
        errors=await _errors(connection, twin_id, [each for each in (last_sync, last_reconcile) if each]),
        next_sync_at=ticks.get(SYNC),
        next_reconcile_at=ticks.get(RECONCILE),
    )


async def _is_owner(connection: Connection, twin_id: UUID, owner_email: str | None) -> bool:
    owner = None if owner_email is None else await accounts.owner(connection, owner_email)
    return owner is not None and owner.twin_id == twin_id


def _newest(latest: Sequence[StoredRun], kind: str) -> StoredRun | None:
    return max((each for each in latest if each.kind == kind), key=lambda each: each.started_at, default=None)


def _compared(latest: Sequence[StoredRun]) -> dict[str, int]:
    """Return what the latest complete reconcile has found."""
    done = [each for each in latest if each.kind == "reconcile" and each.state == "done"]
    return dict(done[0].drift) if done else {}


async def _state(connection: Connection, twin_id: UUID, newest: Sequence[StoredRun]) -> State:
    active = await requests.active(connection, twin_id)
    if active == "running":
        return "running"
    last = max(newest, key=lambda each: each.started_at, default=None)
    if last is not None and last.state in _STATES:
        return _STATES[last.state]
    return active or "idle"


async def _errors(connection: Connection, twin_id: UUID, newest: Sequence[StoredRun]) -> list[str]:
    failed = [each.error for each in newest if each.state != "done" and each.error]
    refused = await requests.refused(connection, twin_id)
    words = [f"Todoist refused {each.type} of “{each.title or 'a task'}”: {each.error}" for each in refused]
    return list(dict.fromkeys([*failed, *words]))


def _shown(run: StoredRun | None) -> RunOut | None:
    if run is None:
        return None
    return RunOut(
        id=run.id,
        job_id=run.job_id,
        state=run.state,  # type: ignore[arg-type]  # the table lets in no other words
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=dict(run.counts),
        drift=dict(run.drift),
        conflicts=[LostChange.model_validate(each) for each in run.lost],
        error=run.error,
    )
