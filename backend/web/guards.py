"""The guards: the only way in."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from backend.access import tokens
from backend.access.tokens import CurrentUser
from backend.core.errors import UnauthorizedError
from backend.web.services import ServicesDep

_bearer = HTTPBearer(auto_error=False, description="A token made by `backend.admin.main issue-token`.")


async def get_current_user(
    services: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> CurrentUser:
    """Return who sends the request.

    Args:
        services: What the API holds.
        credentials: The bearer token, if one was sent.

    Raises:
        UnauthorizedError: There is no token, or it is unknown, expired or revoked.
    """
    user = None
    if credentials is not None and tokens.is_token(credentials.credentials):
        async with services.database.statement() as connection:
            user = await tokens.find_user(connection, credentials.credentials)
    if user is None:
        msg = "Send a token that is neither unknown, expired nor revoked: Authorization: Bearer <token>."
        raise UnauthorizedError(msg)
    return user


CurrentUserDep = Annotated[CurrentUser, Depends(get_current_user)]
