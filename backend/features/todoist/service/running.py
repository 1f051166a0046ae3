"""Running: one sync or reconcile from its beginning to its end, written down whatever becomes of it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.core.errors import ServiceError
from backend.core.logging import get_logger
from backend.db.unit_of_work import Connection, Database
from backend.features.todoist.repository import accounts, runs
from backend.features.todoist.repository.accounts import Owner
from backend.features.todoist.repository.runs import Ending
from backend.features.todoist.service import comparing, exchanging, pushing
from backend.features.todoist.service.applying import MassDeletionError
from backend.features.todoist.service.context import Run
from backend.providers.todoist.errors import TodoistForbiddenError
from backend.providers.todoist.protocol import Todoist

_BLOCKING = (MassDeletionError, TodoistForbiddenError)
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be run.

    Attributes:
        owner: Whose account it is.
        kind: sync, or reconcile for a complete comparison.
        job_id: The job that it is of.
        is_confirmed: Whether a person has agreed to a mass deletion.
    """

    owner: Owner
    kind: Literal["sync", "reconcile"]
    job_id: UUID | None = None
    is_confirmed: bool = False


async def take_turn(connection: Connection, email: str, *, twin_id: UUID | None) -> Owner | None:
    """Return whose account it is, once no other run of it is under way; None when it is not the asker's.

    Args:
        connection: The job's transaction; until it ends, others wait.
        email: What the settings say.
        twin_id: Who asks; None is a schedule.
    """
    owner = await accounts.owner(connection, email)
    if owner is None or twin_id not in {None, owner.twin_id}:
        return None
    await accounts.hold(connection, owner.twin_id)
    return owner


async def perform(database: Database, todoist: Todoist, order: Order) -> Run:
    """Sync or reconcile once, and return what was found and done.

    It may be killed at any point and begun again: what is told to Todoist is committed as a command before it is sent,
    and what Todoist tells is committed together with the token that stands for it.

    Args:
        database: Where both sides are kept.
        todoist: The account.
        order: What is to be run.

    Raises:
        TodoistError: There is no usable answer.
        MassDeletionError: Many tasks are gone over there.
        SupersededError: Another run has begun meanwhile.
    """
    run = Run(
        database=database,
        todoist=todoist,
        twin_id=order.owner.twin_id,
        zone=_zone(order.owner.timezone),
        id=uuid4(),
        is_confirmed=order.is_confirmed,
    )
    async with database.unit_of_work() as connection:
        await accounts.begin(connection, run.twin_id, run_id=run.id, job_id=order.job_id, kind=order.kind)
    try:
        await (_reconcile(run) if order.kind == "reconcile" else _sync(run))
    except ServiceError as error:
        await _end(run, "blocked" if isinstance(error, _BLOCKING) else "failed", error=error.detail)
        raise
    except Exception as error:
        await _end(run, "failed", error=f"unexpected {type(error).__name__}; the log has the place")
        raise
    await _end(run, "done")
    return run


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


async def _sync(run: Run) -> None:
    await exchanging.pull(run)
    if run.needs_compare:
        await comparing.compare(run)
    await pushing.push(run)
    if run.needs_compare:
        await comparing.compare(run)
        await pushing.push(run)


async def _reconcile(run: Run) -> None:
    # First the delta: it says of what is no longer listed why.
    await exchanging.pull(run)
    await comparing.compare(run)
    await pushing.push(run)


async def _end(run: Run, state: str, *, error: str | None = None) -> None:
    counts = {name: number for name, number in run.counts.items() if number}
    drift = {str(name): number for name, number in run.drift.items() if number}
    ending = Ending(state=state, counts=counts, drift=drift, lost=run.lost, error=error)
    async with run.database.unit_of_work() as connection:
        await runs.end(connection, run.id, ending)
        await runs.forget(connection, run.twin_id)
    _logger.info("todoist.run_ended", run_id=str(run.id), state=state, **counts)
