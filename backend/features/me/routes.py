"""The routes about the person who asks."""

from fastapi import APIRouter

from backend.features.me import service
from backend.features.me.schemas import MeChange, MeV1
from backend.web.guards import UserDep, UserWriteDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/me", tags=["me"])


@router.get("", responses=documented(401, 503))
async def read_me(user: UserDep, services: ServicesDep) -> MeV1:
    """Show who you are, and your time zone."""
    async with services.database.statement() as connection:
        return MeV1.model_validate(await service.read(connection, user.user_id))


@router.patch("", responses=documented(401, 413, 422, 503))
async def change_me(wanted: MeChange, user: UserWriteDep, *, services: ServicesDep) -> MeV1:
    """Change your time zone; a time from Todoist that has no zone stays the same time of day."""
    async with services.database.unit_of_work() as connection:
        return MeV1.model_validate(await service.change(connection, user.user_id, wanted=wanted))
