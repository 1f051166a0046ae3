"""The canary, and the job that deletes old jobs."""

from datetime import timedelta

from backend.db.unit_of_work import Connection
from backend.features.jobs import service
from backend.jobs import upkeep
from backend.jobs.records import ClaimedJob, Kind
from backend.jobs.upkeep import Retention

RETENTION = "jobs.retention"
_MOST_PER_RUN = 50_000


async def run_canary(_connection: Connection, _job: ClaimedJob) -> None:
    """Do nothing; that it is done, and by whom, is the message."""


async def run_retention(connection: Connection, job: ClaimedJob) -> None:
    """Delete jobs that have been over for as long as the payload says.

    Args:
        connection: The job's transaction.
        job: Its payload holds "days" and "dead_days".
    """
    days, dead_days = (int(str(job.payload[name])) for name in ("days", "dead_days"))
    retention = Retention(finished=timedelta(days=days), dead=timedelta(days=dead_days))
    await upkeep.purge(connection, retention, most=_MOST_PER_RUN)


KINDS = {service.CANARY: Kind(run=run_canary), RETENTION: Kind(run=run_retention, limit=1)}
