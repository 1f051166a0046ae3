"""A worker process whose jobs each leave one row: python -m backend.tests.integration.killed_worker."""

import asyncio

from backend.db.unit_of_work import Connection, execute_lean
from backend.jobs.records import ClaimedJob, Kind
from backend.worker.main import main

_WORK_S = 0.04


async def run(connection: Connection, job: ClaimedJob) -> None:
    """Leave one row, and take a little while, so that a kill may come between the row and the job's end.

    Args:
        connection: The job's transaction.
        job: The job.
    """
    await execute_lean(connection, "INSERT INTO effects (job_id) VALUES ($1)", job.id)
    await asyncio.sleep(_WORK_S)


if __name__ == "__main__":
    main({"canary": Kind(run=run)})
