"""The routes about Todoist."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from backend.features.todoist.schemas import ReconcileQuery, SyncQueued, TodoistStatusV1
from backend.features.todoist.service import requests
from backend.web.guards import TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import Services, ServicesDep

router = APIRouter(prefix="/v1/sync/todoist", tags=["todoist"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, responses=documented(401, 409, 503))
async def queue_sync(user: TwinWriteDep, services: ServicesDep) -> SyncQueued:
    """Sync your tasks with Todoist; while a sync is waiting or running, that one is meant."""
    async with services.database.unit_of_work() as connection:
        job_id = await requests.request(
            connection, user.twin_id, owner_email=services.todoist_owner_email, kind=requests.SYNC
        )
    return _queued(services, job_id)


@router.post("/reconcile", status_code=status.HTTP_202_ACCEPTED, responses=documented(401, 409, 422, 503))
async def queue_reconcile(
    query: Annotated[ReconcileQuery, Query()], user: TwinWriteDep, *, services: ServicesDep
) -> SyncQueued:
    """Compare your tasks with Todoist completely, and repair what differs."""
    async with services.database.unit_of_work() as connection:
        job_id = await requests.request(
            connection,
            user.twin_id,
            owner_email=services.todoist_owner_email,
            kind=requests.RECONCILE,
            is_confirmed=query.confirm,
        )
    return _queued(services, job_id)


@router.get("/status", responses=documented(401, 503))
async def read_status(user: TwinDep, services: ServicesDep) -> TodoistStatusV1:
    """Say how your tasks and Todoist stand."""
    async with services.database.statement() as connection:
        return await requests.status(connection, user.twin_id, owner_email=services.todoist_owner_email)


def _queued(services: Services, job_id: UUID) -> SyncQueued:
    services.dispatcher.send_soon(job_id)
    return SyncQueued(job_id=job_id, status_url=f"/v1/jobs/{job_id}")
