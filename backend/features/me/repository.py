"""The queries about the person who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update

from backend.db.models import Task, Twin, User
from backend.db.unit_of_work import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A user.

    Attributes:
        email: How they are known.
        timezone: The IANA zone in which they live.
    """

    email: str
    timezone: str


_FIND = select(User.email, User.timezone).where(User.id == bindparam("user_id"))
_HOLD = _FIND.with_for_update()
_FLOATING = (
    select(Task.id, Task.due_at)
    .join(Twin, Twin.id == Task.twin_id)
    .where(Twin.user_id == bindparam("user_id"), Task.due_at.is_not(None), Task.due_zone.is_(None))
    .order_by(Task.id)
    .with_for_update(of=Task)
)
# Not a change of the task: it says the same as before.
_SHIFT = update(Task).where(Task.id == bindparam("task_id")).values(due_at=bindparam("new_due_at"))
_MOVE = (
    update(User)
    .where(User.id == bindparam("user_id"))
    .values(timezone=bindparam("new_timezone"))
    .returning(User.email, User.timezone)
)


async def find(connection: Connection, user_id: UUID) -> Person:
    """Return a user.

    Args:
        connection: An open connection.
        user_id: Who; there is one.
    """
    return Person(**(await connection.execute(_FIND, {"user_id": user_id})).mappings().one())


async def hold(connection: Connection, user_id: UUID) -> Person:
    """Return a user, whom nobody else changes until the transaction ends.

    Args:
        connection: A transaction.
        user_id: Who; there is one.
    """
    return Person(**(await connection.execute(_HOLD, {"user_id": user_id})).mappings().one())


async def floating(connection: Connection, user_id: UUID) -> dict[UUID, datetime]:
    """Return when a user's tasks are due whose time is that of wherever the user is; locked until the transaction ends.

    Args:
        connection: A transaction.
        user_id: Whose.
    """
    return {row.id: row.due_at for row in await connection.execute(_FLOATING, {"user_id": user_id})}


async def shift(connection: Connection, moments: Mapping[UUID, datetime]) -> None:
    """Let tasks be due at other moments, which is no change of what they say.

    Args:
        connection: A transaction.
        moments: By task; aware.
    """
    if moments:
        await connection.execute(_SHIFT, [{"task_id": key, "new_due_at": each} for key, each in moments.items()])


async def move(connection: Connection, user_id: UUID, *, timezone: str) -> Person:
    """Let a user live in another zone, and return them.

    Args:
        connection: A connection on which each statement commits.
        user_id: Who; there is one.
        timezone: An IANA name.
    """
    values = {"user_id": user_id, "new_timezone": timezone}
    return Person(**(await connection.execute(_MOVE, values)).mappings().one())
