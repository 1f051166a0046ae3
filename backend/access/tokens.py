"""Bearer tokens: made here, shown once, recognised by their hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from backend.db.models import ApiToken, Twin, User
from backend.db.unit_of_work import Connection

PREFIX = "ast_"
PERSONAL_TWIN_NAME = "Personal"
PREFIX_SHOWN = 12
_SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"
    WRITE = "write"
    MANAGE = "manage"


EVERYTHING = tuple(Scope)


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentUser:
    """Who sends a request.

    Attributes:
        user_id: The person.
        twin_id: The twin that the request is about; their personal one, unless it names another of theirs.
        token_id: The token that they showed.
        scopes: What that token is good for.
    """

    user_id: UUID
    twin_id: UUID
    token_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewToken:
    """A token to keep.

    Attributes:
        email: Whose it is.
        name: What its owner calls it.
        secret: The token itself, which is not kept.
        expires_at: When it ceases to be valid.
        scopes: What it is good for.
    """

    email: str
    name: str
    secret: str
    expires_at: datetime
    scopes: tuple[Scope, ...] = EVERYTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredToken:
    """A token as its owner sees it; the token itself is not kept.

    Attributes:
        prefix: Its first characters; None for one that an earlier release made.
        email: Whose it is.
    """

    id: UUID
    email: str
    name: str
    prefix: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


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
    select(ApiToken.id.label("token_id"), ApiToken.user_id, ApiToken.scopes, Twin.id.label("twin_id"))
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
_FIND = select(_found).add_cte(_touched)
_LIST = select(
    ApiToken.id,
    User.email,
    ApiToken.name,
    ApiToken.prefix,
    ApiToken.scopes,
    ApiToken.created_at,
    ApiToken.expires_at,
    ApiToken.revoked_at,
    ApiToken.last_used_at,
).join(User, User.id == ApiToken.user_id)
_ORDER = (ApiToken.created_at.desc(), ApiToken.id)


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
    return CurrentUser(user_id=row.user_id, twin_id=row.twin_id, token_id=row.token_id, scopes=frozenset(row.scopes))


async def keep(connection: Connection, token: NewToken) -> UUID:
    """Keep a token's hash, and return what it is called; its owner and their personal twin are made when absent.

    Args:
        connection: The caller's transaction.
        token: The token.
    """
    user_id = await _user_id_for(connection, token.email)
    twin = insert(Twin).values(user_id=user_id, name=PERSONAL_TWIN_NAME, is_personal=True)
    await connection.execute(
        twin.on_conflict_do_nothing(index_elements=[Twin.user_id], index_where=text("is_personal"))
    )
    return await keep_for(connection, user_id, token=token)


async def keep_for(connection: Connection, user_id: UUID, *, token: NewToken) -> UUID:
    """Keep the hash of a known person's token, and return what it is called.

    Args:
        connection: The caller's transaction.
        user_id: Whose it is.
        token: The token; its e-mail address is not looked at.
    """
    statement = insert(ApiToken).values(
        user_id=user_id,
        name=token.name,
        token_hash=hash_of(token.secret),
        expires_at=token.expires_at,
        scopes=[str(each) for each in token.scopes],
        prefix=token.secret[:PREFIX_SHOWN],
    )
    token_id: UUID = (await connection.execute(statement.returning(ApiToken.id))).scalar_one()
    return token_id


async def find(connection: Connection, token_id: UUID) -> StoredToken | None:
    """Return a token, None when there is none.

    Args:
        connection: An open connection.
        token_id: The token.
    """
    row = (await connection.execute(_LIST.where(ApiToken.id == token_id))).mappings().one_or_none()
    return None if row is None else _stored(row)


async def of_user(connection: Connection, user_id: UUID) -> list[StoredToken]:
    """Return a person's tokens, newest first, those that are over too.

    Args:
        connection: An open connection.
        user_id: Whose they are.
    """
    rows = await connection.execute(_LIST.where(ApiToken.user_id == user_id).order_by(*_ORDER))
    return [_stored(row) for row in rows.mappings()]


async def everybodys(connection: Connection, email: str | None) -> list[StoredToken]:
    """Return one person's tokens, or everybody's, newest first.

    Args:
        connection: An open connection.
        email: Whose they are; None is everybody.
    """
    statement = _LIST if email is None else _LIST.where(User.email == email)
    return [_stored(row) for row in (await connection.execute(statement.order_by(*_ORDER))).mappings()]


async def revoke_one(connection: Connection, token_id: UUID) -> None:
    """Revoke a token; one that is revoked already stays as it is.

    Args:
        connection: An open connection.
        token_id: The token.
    """
    statement = update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    await connection.execute(statement.values(revoked_at=func.now()))


def _stored(row: RowMapping) -> StoredToken:
    return StoredToken(**{**row, "scopes": tuple(row["scopes"])})


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
