"""The one write that every contender makes per job."""

from backend.db.unit_of_work import Connection, execute_lean
from backend.jobs.records import ClaimedJob, Kind

CONCURRENCY = 10
WRITE = "INSERT INTO effects (job_id) VALUES ($1)"


async def run(connection: Connection, job: ClaimedJob) -> None:
    """Run a job: the one write.

    Args:
        connection: The job's transaction.
        job: The job.
    """
    await execute_lean(connection, WRITE, job.id)


KINDS = {"canary": Kind(run=run)}
