"""Bearer tokens: made here, shown once, recognised by their hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import ApiToken, Twin, User
from backend.db.unit_of_work import Connection

PREFIX = "ast_"
PERSONAL_TWIN_NAME = "Personal"
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentUser:
    """Who sends a request.

    Attributes:
        user_id: The person.
        twin_id: Their personal twin.
        token_id: The token that they showed.
    """

    user_id: UUID
    twin_id: UUID
    token_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token to keep.

    Attributes:
        email: Whose it is.
        name: What its owner calls it.
        secret: The token itself, which is not kept.
        expires_at: When it ceases to be valid.
    """

    email: str
    name: str
    secret: str
    expires_at: datetime


def generate() -> str:
    """Return a new token with 256 bits of chance behind a prefix that scanners recognise."""
    return PREFIX + secrets.token_urlsafe(32)


def is_token(candidate: str) -> bool:
    """Return whether a text looks like one of our tokens.

    Args:
        candidate: What somebody has sent.
    """
    return _SHAPE.fullmatch(candidate) is not None


def hash_of(token: str) -> bytes:
    """Return what is kept of a token; a plain hash will do for 256 random bits.

    Args:
        token: The token.
    """
    return hashlib.sha256(token.encode()).digest()


# A parameter must not be named like a column: the update below would set that column from it.
_found = (
    select(ApiToken.id.label("token_id"), ApiToken.user_id, Twin.id.label("twin_id"))
    .join(User, User.id == ApiToken.user_id)
    .join(Twin, (Twin.user_id == User.id) & Twin.is_personal)
    .where(
        ApiToken.token_hash == bindparam("sought_hash"),
        ApiToken.expires_at > func.now(),
        ApiToken.revoked_at.is_(None),
        User.revoked_at.is_(None),
    )
    .cte("found")
)
_touched = (
    update(ApiToken)
    .where(
        ApiToken.id == _found.c.token_id,
        or_(
            ApiToken.last_used_at.is_(None),
            ApiToken.last_used_at < func.now() - literal_column("interval '1 minute'"),
        ),
    )
    .values(last_used_at=func.now())
    .returning(ApiToken.id)
    .cte("touched")
)
_FIND = select(_found.c.user_id, _found.c.twin_id, _found.c.token_id).add_cte(_touched)


async def find_user(connection: Connection, token: str) -> CurrentUser | None:
    """Return whose token this is, None when it is unknown, expired or revoked.

    One statement; it also notes the use, at most once a minute.

    Args:
        connection: An open connection.
        token: What the caller has sent.
    """
    row = (await connection.execute(_FIND, {"sought_hash": hash_of(token)})).one_or_none()
    if row is None:
        return None
    return CurrentUser(user_id=row.user_id, twin_id=row.twin_id, token_id=row.token_id)


async def keep(connection: Connection, token: NewToken) -> None:
    """Keep a token's hash; its owner and their personal twin are made when absent.

    Args:
        connection: The caller's transaction.
        token: The token.
    """
    user_id = await _user_id_for(connection, token.email)
    twin = insert(Twin).values(user_id=user_id, name=PERSONAL_TWIN_NAME, is_personal=True)
    await connection.execute(
        twin.on_conflict_do_nothing(index_elements=[Twin.user_id], index_where=text("is_personal"))
    )
    await connection.execute(
        insert(ApiToken).values(
            user_id=user_id, name=token.name, token_hash=hash_of(token.secret), expires_at=token.expires_at
        )
    )


async def _user_id_for(connection: Connection, email: str) -> UUID:
    user = insert(User).values(email=email)
    statement = user.on_conflict_do_update(index_elements=[User.email], set_={"email": user.excluded.email})
    user_id: UUID = (await connection.execute(statement.returning(User.id))).scalar_one()
    return user_id


async def revoke(connection: Connection, email: str, *, name: str) -> int:
    """Revoke a person's tokens of one name, and return how many were valid until now.

    Args:
        connection: The caller's transaction.
        email: Whose they are.
        name: What their owner calls them.
    """
    owner = select(User.id).where(User.email == email).scalar_subquery()
    statement = (
        update(ApiToken)
        .where(ApiToken.user_id == owner, ApiToken.name == name, ApiToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    return (await connection.execute(statement)).rowcount
