"""The jobs of Todoist."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from backend.core.logging import get_logger
from backend.db.unit_of_work import Connection, Database
from backend.features.todoist.service.applying import MassDeletionError
from backend.features.todoist.service.requests import RECONCILE, SYNC
from backend.features.todoist.service.running import Order, perform, take_turn
from backend.jobs.records import ClaimedJob, GiveUpJobError, Kind, RetryJobError
from backend.providers.todoist.client import TodoistAccess, opened
from backend.providers.todoist.errors import TodoistForbiddenError, TodoistRequestError, TodoistUnavailableError

_TIMEOUT = timedelta(minutes=15)
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Handler:
    """Runs one kind.

    Attributes:
        database: For what must be committed before the job ends.
        access: The way to the account; None when this deployment has none.
        kind: What is run.
    """

    database: Database
    access: TodoistAccess | None
    kind: Literal["sync", "reconcile"]

    async def run(self, connection: Connection, job: ClaimedJob) -> None:
        """Sync or reconcile; a job of nobody's, as a schedule makes it, is its owner's.

        Args:
            connection: The job's transaction; it holds the account's lock, and writes nothing.
            job: Its payload may hold "confirm".

        Raises:
            GiveUpJobError: Only a person can help.
            RetryJobError: Todoist asks for patience.
        """
        if self.access is None:
            return _explain(job, "TODOIST_API_TOKEN is not set, so that there is nothing to sync with.")
        owner = await take_turn(connection, self.access.owner_email, twin_id=job.twin_id)
        if owner is None:
            return _explain(job, "TODOIST_OWNER_EMAIL names nobody who is known here, or somebody else.")
        is_confirmed = job.payload.get("confirm") is True
        order = Order(owner=owner, kind=self.kind, job_id=job.id, is_confirmed=is_confirmed)
        await _performed(self.database, self.access, order)
        return None


def _explain(job: ClaimedJob, reason: str) -> None:
    if job.twin_id is not None:
        raise GiveUpJobError(reason)
    # A schedule's job would die with every tick; what is wrong is in the log, and status says not_connected.
    _logger.warning("todoist.not_connected", reason=reason)


async def _performed(database: Database, access: TodoistAccess, order: Order) -> None:
    try:
        async with opened(access) as todoist:
            await perform(database, todoist, order)
    except (TodoistForbiddenError, TodoistRequestError, MassDeletionError) as error:
        raise GiveUpJobError(error.detail) from error
    except TodoistUnavailableError as error:
        raise RetryJobError(error.detail, delay=error.delay) from error


def kinds(database: Database, access: TodoistAccess | None) -> dict[str, Kind]:
    """Return by name how each kind is run.

    Args:
        database: For what must be committed before the job ends.
        access: The way to the account; None when this deployment has none.
    """
    sync = _Handler(database=database, access=access, kind="sync")
    reconcile = _Handler(database=database, access=access, kind="reconcile")
    return {
        SYNC: Kind(run=sync.run, timeout=_TIMEOUT, limit=1),
        RECONCILE: Kind(run=reconcile.run, timeout=_TIMEOUT, limit=1),
    }
