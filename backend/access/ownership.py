"""Ownership: whose an object is. The one place that decides it."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.sql import Select

from backend.db.models import ApiToken, Job, Task, Thought, Twin
from backend.db.unit_of_work import Connection


class Owned(StrEnum):
    """What belongs to a twin, by the word that people know it by."""

    JOB = "job"
    TASK = "task"
    THOUGHT = "thought"


_OWN_TWIN = select(Twin.id).where(Twin.id == bindparam("sought_id"), Twin.user_id == bindparam("owner_id"))
_OWN_TOKEN = select(ApiToken.id).where(ApiToken.id == bindparam("sought_id"), ApiToken.user_id == bindparam("owner_id"))


def _in_own_twin(model: type[Job | Task | Thought]) -> Select[UUID]:
    return (
        select(Twin.id)
        .join(model, model.twin_id == Twin.id)
        .where(model.id == bindparam("sought_id"), Twin.user_id == bindparam("owner_id"))
    )


_IN_OWN_TWIN = {
    Owned.JOB: _in_own_twin(Job),
    Owned.TASK: _in_own_twin(Task),
    Owned.THOUGHT: _in_own_twin(Thought),
}


async def is_twin_of(connection: Connection, user_id: UUID, *, twin_id: UUID) -> bool:
    """Return whether a twin is this person's.

    Args:
        connection: An open connection.
        user_id: The person.
        twin_id: The twin.
    """
    return await _one(connection, _OWN_TWIN, twin_id, user_id) is not None


async def is_token_of(connection: Connection, user_id: UUID, *, token_id: UUID) -> bool:
    """Return whether a token is this person's.

    Args:
        connection: An open connection.
        user_id: The person.
        token_id: The token.
    """
    return await _one(connection, _OWN_TOKEN, token_id, user_id) is not None


async def twin_of(connection: Connection, user_id: UUID, *, kind: Owned, object_id: UUID) -> UUID | None:
    """Return the twin of this person that something belongs to, None when it is nobody's or somebody else's.

    Args:
        connection: An open connection.
        user_id: The person.
        kind: What it is.
        object_id: The thing.
    """
    return await _one(connection, _IN_OWN_TWIN[kind], object_id, user_id)


async def _one(connection: Connection, statement: Select[UUID], sought: UUID, owner: UUID) -> UUID | None:
    found: UUID | None = await connection.scalar(statement, {"sought_id": sought, "owner_id": owner})
    return found
