"""The routes of plan."""

from fastapi import APIRouter, Response, status

from backend.features.plan import service
from backend.features.plan.schemas import PlanRefreshV1, PlanV1
from backend.web.guards import TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/plan", tags=["plan"])


@router.post("/refresh", status_code=status.HTTP_202_ACCEPTED, responses=documented(401, 503))
async def refresh_plan(response: Response, user: TwinWriteDep, *, services: ServicesDep) -> PlanRefreshV1:
    """Queue a new plan of your today; while one waits, this answers with that one."""
    async with services.database.statement() as connection:
        queued = await service.queue_refresh(connection, user.twin_id)
    services.dispatcher.send_soon(queued.job_id)
    status_url = f"/v1/jobs/{queued.job_id}"
    response.headers["Location"] = status_url
    return PlanRefreshV1(day=queued.day, job_id=queued.job_id, status_url=status_url)


@router.get("/get_today", responses=documented(401, 503))
async def get_today(user: TwinDep, services: ServicesDep) -> PlanV1:
    """Show your today, as it was planned or, before that, by the built-in rules."""
    async with services.database.statement() as connection:
        return await service.today(connection, user.twin_id)
