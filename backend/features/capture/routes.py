"""The routes of capture."""

from uuid import UUID

from fastapi import APIRouter, status

from backend.features.capture import service
from backend.features.capture.schemas import CaptureV1, ThoughtIn, ThoughtOut
from backend.web.guards import CurrentUserDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["capture"])


@router.post("/capture/thought", status_code=status.HTTP_201_CREATED, responses=documented(401, 413, 422, 503))
async def capture_thought(thought: ThoughtIn, user: CurrentUserDep, *, services: ServicesDep) -> CaptureV1:
    """Keep a thought: it is committed, with its job, before this answers."""
    async with services.database.statement() as connection:
        captured = await service.capture(connection, user.twin_id, text=thought.text)
    services.dispatcher.send_soon(captured.job_id)
    return CaptureV1.model_validate(captured, from_attributes=True)


@router.get("/thoughts/{thought_id}", responses=documented(401, 404, 422, 503))
async def read_thought(thought_id: UUID, user: CurrentUserDep, *, services: ServicesDep) -> ThoughtOut:
    """Read one of your thoughts."""
    async with services.database.statement() as connection:
        thought = await service.read(connection, user.twin_id, thought_id=thought_id)
    return ThoughtOut.model_validate(thought)
