"""The jobs of capture."""

from uuid import UUID

from backend.db.unit_of_work import Connection
from backend.features.capture import service
from backend.features.capture.service import Capture
from backend.jobs.records import ClaimedJob, Kind


def kinds(capture: Capture) -> dict[str, Kind]:
    """Return by name how each kind is run.

    Args:
        capture: Looks through thoughts.
    """

    async def process_thought(connection: Connection, job: ClaimedJob) -> None:
        await capture.process(connection, UUID(str(job.payload["thought_id"])))

    return {service.PROCESS: Kind(run=process_thought)}
