"""The jobs of plan."""

from datetime import date

from backend.db.unit_of_work import Connection
from backend.features.plan import service
from backend.features.plan.service import Planning
from backend.jobs.records import ClaimedJob, GiveUpJobError, Kind


def kinds(planning: Planning) -> dict[str, Kind]:
    """Return by name how each kind is run.

    Args:
        planning: Plans days.
    """

    async def refresh(connection: Connection, job: ClaimedJob) -> None:
        if job.twin_id is None:
            raise GiveUpJobError("a plan is somebody's: the job names no twin")
        await planning.refresh(connection, job.twin_id, day=date.fromisoformat(str(job.payload["day"])))

    return {service.REFRESH: Kind(run=refresh)}
