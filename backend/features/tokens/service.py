"""The rules about tokens."""

from datetime import timedelta
from uuid import UUID

from backend.access import tokens
from backend.access.tokens import CurrentUser, NewToken, StoredToken
from backend.core import clock
from backend.core.errors import ForbiddenError, NotFoundError
from backend.db.unit_of_work import Connection
from backend.features.tokens.schemas import TokenIn


async def make(connection: Connection, user: CurrentUser, *, wanted: TokenIn) -> tuple[StoredToken, str]:
    """Make a token, and return it with the secret, which is not kept.

    Args:
        connection: A transaction.
        user: Who asks; the token will be theirs.
        wanted: What it is for.

    Raises:
        ForbiddenError: It would be good for more than the token that asks.
    """
    if more := sorted(set(wanted.scopes) - user.scopes):
        raise ForbiddenError(f"A token cannot make one that is good for more than itself: {', '.join(more)}.")
    secret = tokens.generate()
    new = NewToken(
        email="",
        name=wanted.name,
        secret=secret,
        expires_at=clock.now() + timedelta(days=wanted.days),
        scopes=tuple(dict.fromkeys(wanted.scopes)),
    )
    token_id = await tokens.keep_for(connection, user.user_id, token=new)
    return await read(connection, token_id), secret


async def read(connection: Connection, token_id: UUID) -> StoredToken:
    """Return a token.

    Args:
        connection: An open connection.
        token_id: The token; its owner has been checked.

    Raises:
        NotFoundError: There is none any more.
    """
    token = await tokens.find(connection, token_id)
    if token is None:
        raise NotFoundError(f"There is no token {token_id}.")
    return token


async def revoke(connection: Connection, token_id: UUID) -> StoredToken:
    """Revoke a token, and return it; twice is no error.

    Args:
        connection: A transaction.
        token_id: The token; its owner has been checked.

    Raises:
        NotFoundError: There is none any more.
    """
    await tokens.revoke_one(connection, token_id)
    return await read(connection, token_id)
