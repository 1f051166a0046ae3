"""The canary, and the job that deletes old jobs."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from backend.db.unit_of_work import Connection
from backend.features.jobs import service
from backend.jobs import upkeep
from backend.jobs.records import ClaimedJob, Kind
from backend.jobs.upkeep import Retention

RETENTION = "jobs.retention"
_MOST_PER_RUN = 50_000
# Deletes what is kept no longer, in the transaction that it is given.
Forget = Callable[[Connection, Retention], Awaitable[None]]


async def run_canary(_connection: Connection, _job: ClaimedJob) -> None:
    """Do nothing; that it is done, and by whom, is the message."""


def kinds(*others: Forget) -> dict[str, Kind]:
    """Return by name how each kind is run.

    Args:
        others: Delete what else is kept no longer than jobs.
    """

    async def run_retention(connection: Connection, job: ClaimedJob) -> None:
        days, dead_days = (int(str(job.payload[name])) for name in ("days", "dead_days"))
        retention = Retention(finished=timedelta(days=days), dead=timedelta(days=dead_days))
        await upkeep.purge(connection, retention, most=_MOST_PER_RUN)
        for forget in others:
            await forget(connection, retention)

    return {service.CANARY: Kind(run=run_canary), RETENTION: Kind(run=run_retention, limit=1)}
