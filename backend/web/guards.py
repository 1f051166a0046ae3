"""The guards: the only way in. Each says who may; what a route does is none of their business."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from backend.access import ownership, tokens
from backend.access.ownership import Owned
from backend.access.tokens import CurrentUser, Scope
from backend.core.errors import ForbiddenError, NotFoundError, UnauthorizedError
from backend.web.services import Services, ServicesDep

_bearer = HTTPBearer(auto_error=False, description="A token from `POST /v1/tokens` or `invoke tokens.issue`.")


async def get_current_user(
    scopes: SecurityScopes,
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> CurrentUser:
    """Return who sends the request.

    Args:
        scopes: What the route needs.
        services: What the API holds.
        credentials: The bearer token, if one was sent.

    Raises:
        UnauthorizedError: There is no token, or it is unknown, expired or revoked.
        ForbiddenError: The token is valid, but not good for this.
    """
    user = None
    if credentials is not None and tokens.is_token(credentials.credentials):
        async with services.database.statement() as connection:
            user = await tokens.find_user(connection, credentials.credentials)
    if user is None:
        raise UnauthorizedError(
            "Send a token that is neither unknown, expired nor revoked: Authorization: Bearer <token>."
        )
    if missing := sorted(set(scopes.scopes) - user.scopes):
        raise ForbiddenError(f"It needs the scope {', '.join(missing)}. Make a token that has it: POST /v1/tokens.")
    return user


async def verify_twin_ownership(
    user: Annotated[CurrentUser, Depends(get_current_user)],
    services: ServicesDep,
    twin_id: Annotated[UUID | None, Query(description="One of your twins; your personal one by default.")] = None,
) -> CurrentUser:
    """Return who sends the request, with the twin that it is about.

    Args:
        user: Who sends it.
        services: What the API holds.
        twin_id: The twin that the request names.

    Raises:
        NotFoundError: There is no such twin, or it is somebody else's.
    """
    if twin_id is None or twin_id == user.twin_id:
        return user
    async with services.database.statement() as connection:
        if not await ownership.is_twin_of(connection, user.user_id, twin_id=twin_id):
            raise NotFoundError(f"There is no twin {twin_id}.")
    return replace(user, twin_id=twin_id)


async def verify_job_ownership(
    job_id: UUID, user: Annotated[CurrentUser, Depends(get_current_user)], services: ServicesDep
) -> CurrentUser:
    """Return who sends the request, with the twin of the job that it names.

    Args:
        job_id: The job.
        user: Who sends it.
        services: What the API holds.

    Raises:
        NotFoundError: There is no such job, or it is somebody else's.
    """
    return await _in_twin_of(services, user, kind=Owned.JOB, object_id=job_id)


async def verify_task_ownership(
    task_id: UUID, user: Annotated[CurrentUser, Depends(get_current_user)], services: ServicesDep
) -> CurrentUser:
    """Return who sends the request, with the twin of the task that it names.

    Args:
        task_id: The task.
        user: Who sends it.
        services: What the API holds.

    Raises:
        NotFoundError: There is no such task, or it is somebody else's.
    """
    return await _in_twin_of(services, user, kind=Owned.TASK, object_id=task_id)


async def verify_thought_ownership(
    thought_id: UUID, user: Annotated[CurrentUser, Depends(get_current_user)], services: ServicesDep
) -> CurrentUser:
    """Return who sends the request, with the twin of the thought that it names.

    Args:
        thought_id: The thought.
        user: Who sends it.
        services: What the API holds.

    Raises:
        NotFoundError: There is no such thought, or it is somebody else's.
    """
    return await _in_twin_of(services, user, kind=Owned.THOUGHT, object_id=thought_id)


async def verify_token_ownership(
    token_id: UUID, user: Annotated[CurrentUser, Depends(get_current_user)], services: ServicesDep
) -> CurrentUser:
    """Return who sends the request about one of their tokens.

    Args:
        token_id: The token.
        user: Who sends it.
        services: What the API holds.

    Raises:
        NotFoundError: There is no such token, or it is somebody else's.
    """
    async with services.database.statement() as connection:
        if not await ownership.is_token_of(connection, user.user_id, token_id=token_id):
            raise NotFoundError(f"There is no token {token_id}.")
    return user


async def _in_twin_of(services: Services, user: CurrentUser, *, kind: Owned, object_id: UUID) -> CurrentUser:
    async with services.database.statement() as connection:
        twin_id = await ownership.twin_of(connection, user.user_id, kind=kind, object_id=object_id)
    if twin_id is None:
        raise NotFoundError(f"There is no {kind} {object_id}.")
    return replace(user, twin_id=twin_id)


_READ, _WRITE, _MANAGE = [Scope.READ], [Scope.WRITE], [Scope.MANAGE]
UserDep = Annotated[CurrentUser, Security(get_current_user, scopes=_READ)]
UserWriteDep = Annotated[CurrentUser, Security(get_current_user, scopes=_WRITE)]
UserManageDep = Annotated[CurrentUser, Security(get_current_user, scopes=_MANAGE)]
TwinDep = Annotated[CurrentUser, Security(verify_twin_ownership, scopes=_READ)]
TwinWriteDep = Annotated[CurrentUser, Security(verify_twin_ownership, scopes=_WRITE)]
JobDep = Annotated[CurrentUser, Security(verify_job_ownership, scopes=_READ)]
JobWriteDep = Annotated[CurrentUser, Security(verify_job_ownership, scopes=_WRITE)]
TaskDep = Annotated[CurrentUser, Security(verify_task_ownership, scopes=_READ)]
TaskWriteDep = Annotated[CurrentUser, Security(verify_task_ownership, scopes=_WRITE)]
ThoughtDep = Annotated[CurrentUser, Security(verify_thought_ownership, scopes=_READ)]
ThoughtWriteDep = Annotated[CurrentUser, Security(verify_thought_ownership, scopes=_WRITE)]
TokenManageDep = Annotated[CurrentUser, Security(verify_token_ownership, scopes=_MANAGE)]
