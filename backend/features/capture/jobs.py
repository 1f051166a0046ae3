"""The jobs of capture."""

from uuid import UUID

from backend.db.unit_of_work import Connection
from backend.features.capture import service
from backend.jobs.records import ClaimedJob, Kind


async def process_thought(connection: Connection, job: ClaimedJob) -> None:
    """Process the thought that the job names.

    Args:
        connection: The job's transaction.
        job: Its payload holds "thought_id".
    """
    await service.process(connection, UUID(str(job.payload["thought_id"])))


KINDS = {service.PROCESS: Kind(run=process_thought)}
