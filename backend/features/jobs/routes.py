"""The routes about jobs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from backend.features.jobs import service
from backend.features.jobs.schemas import JobPageV1, JobQueued, JobsQuery, JobV1
from backend.web.guards import JobDep, JobWriteDep, TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.post("/canary", status_code=status.HTTP_202_ACCEPTED, responses=documented(401, 503))
async def queue_canary(user: TwinWriteDep, services: ServicesDep) -> JobQueued:
    """Queue a job without side effects."""
    async with services.database.statement() as connection:
        job_id = await service.queue_canary(connection, user.twin_id, build=services.build, replica=services.replica)
    services.dispatcher.send_soon(job_id)
    return JobQueued(job_id=job_id)


@router.get("", responses=documented(401, 422, 503))
async def list_jobs(query: Annotated[JobsQuery, Query()], user: TwinDep, *, services: ServicesDep) -> JobPageV1:
    """List your jobs, newest first."""
    async with services.database.statement() as connection:
        page = await service.browse(connection, user.twin_id, query=query)
    return JobPageV1.model_validate(page)


@router.get("/{job_id}", responses=documented(401, 404, 422, 503))
async def read_job(job_id: UUID, user: JobDep, *, services: ServicesDep) -> JobV1:
    """Read one of your jobs."""
    async with services.database.statement() as connection:
        job = await service.read(connection, user.twin_id, job_id=job_id)
    return JobV1.model_validate(job)


@router.post("/{job_id}/cancel", responses=documented(401, 404, 409, 422, 503))
async def cancel_job(job_id: UUID, user: JobWriteDep, *, services: ServicesDep) -> JobV1:
    """Cancel one of your jobs that is not over; cancelling it twice is no error."""
    async with services.database.statement() as connection:
        job = await service.cancel(connection, user.twin_id, job_id=job_id)
    return JobV1.model_validate(job)


@router.post("/{job_id}/retry", responses=documented(401, 404, 409, 422, 503))
async def retry_job(job_id: UUID, user: JobWriteDep, *, services: ServicesDep) -> JobV1:
    """Queue one of your dead jobs again."""
    async with services.database.statement() as connection:
        job = await service.retry(connection, user.twin_id, job_id=job_id)
    services.dispatcher.send_soon(job_id)
    return JobV1.model_validate(job)
