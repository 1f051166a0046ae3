"""The routes about tokens."""

from uuid import UUID

from fastapi import APIRouter, status

from backend.access import tokens
from backend.features.tokens import service
from backend.features.tokens.schemas import TokenIn, TokenList, TokenMade, TokenOut
from backend.web.guards import TokenManageDep, UserManageDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=documented(401, 403, 422, 429, 503))
async def make_token(wanted: TokenIn, user: UserManageDep, *, services: ServicesDep) -> TokenMade:
    """Make a token; this answer is the only one that holds it."""
    async with services.database.unit_of_work() as connection:
        token, secret = await service.make(connection, user, wanted=wanted)
    return TokenMade(token=TokenOut.model_validate(token), secret=secret)


@router.get("", responses=documented(401, 403, 429, 503))
async def list_tokens(user: UserManageDep, services: ServicesDep) -> TokenList:
    """List your tokens, newest first."""
    async with services.database.statement() as connection:
        found = await tokens.of_user(connection, user.user_id)
    return TokenList(tokens=[TokenOut.model_validate(each) for each in found])


@router.delete("/{token_id}", responses=documented(401, 403, 404, 422, 429, 503))
async def revoke_token(token_id: UUID, user: TokenManageDep, *, services: ServicesDep) -> TokenOut:
    """Revoke one of your tokens; it is refused from now on."""
    del user
    async with services.database.unit_of_work() as connection:
        token = await service.revoke(connection, token_id)
    return TokenOut.model_validate(token)
