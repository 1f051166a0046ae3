"""The routes of capture."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status

from backend.features.capture import service
from backend.features.capture.schemas import (
    CaptureV1,
    IdempotencyKey,
    ThoughtIn,
    ThoughtPageV1,
    ThoughtsQuery,
    ThoughtV1,
)
from backend.features.capture.service import Capture
from backend.web.guards import ThoughtDep, ThoughtWriteDep, TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import Services, ServicesDep

router = APIRouter(prefix="/v1", tags=["capture"])
_Key = Annotated[
    IdempotencyKey | None,
    Header(alias="Idempotency-Key", description="Your name for the request: sent again, it gets the first answer."),
]


@router.post(
    "/capture/thought",
    status_code=status.HTTP_201_CREATED,
    response_model=CaptureV1,
    responses=documented(401, 409, 413, 422, 503),
)
async def capture_thought(
    thought: ThoughtIn, user: TwinWriteDep, *, services: ServicesDep, idempotency_key: _Key = None
) -> Response:
    """Keep a thought: it is committed before it is looked through."""
    body = await _capture(services).keep(user.twin_id, thought.text, key=idempotency_key)
    # As it is kept, to the letter: a repeated request gets the same bytes.
    return Response(body, status_code=status.HTTP_201_CREATED, media_type="application/json")


@router.get("/thoughts", responses=documented(401, 422, 503))
async def list_thoughts(
    query: Annotated[ThoughtsQuery, Query()], user: TwinDep, *, services: ServicesDep
) -> ThoughtPageV1:
    """List your thoughts, newest first."""
    async with services.database.statement() as connection:
        page = await service.browse(connection, user.twin_id, query=query)
    return ThoughtPageV1.model_validate(page)


@router.get("/thoughts/{thought_id}", responses=documented(401, 404, 422, 503))
async def read_thought(thought_id: UUID, user: ThoughtDep, *, services: ServicesDep) -> ThoughtV1:
    """Read one of your thoughts, and what was found in it."""
    async with services.database.statement() as connection:
        thought, found = await service.read(connection, user.twin_id, thought_id=thought_id)
    return ThoughtV1(**asdict(thought), **asdict(found))


@router.delete(
    "/thoughts/{thought_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(401, 404, 422, 503)
)
async def delete_thought(thought_id: UUID, user: ThoughtWriteDep, *, services: ServicesDep) -> None:
    """Delete one of your thoughts; the tasks that were found in it stay."""
    async with services.database.statement() as connection:
        await service.remove(connection, user.twin_id, thought_id=thought_id)


def _capture(services: Services) -> Capture:
    return Capture(
        database=services.database,
        assistant=services.assistant,
        build=services.build,
        deadline=services.assistant_deadline,
    )
