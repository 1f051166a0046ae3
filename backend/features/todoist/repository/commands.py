"""The queries about commands: written down, sent, settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from backend.db.unit_of_work import Connection
from backend.features.todoist.rules.records import Form, NewCommand
from backend.features.todoist.rules.telling import NOT_REPEATABLE
from backend.providers.todoist.records import Command

MOST = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A command that came to an end now.

    Attributes:
        remote_id: The real id of what it made; None when it made nothing, or when that was not told.
    """

    uuid: UUID
    type: str
    task_id: UUID | None
    told: Form
    revision: int | None
    remote_id: str | None
    is_done: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeated:
    """A creation that was sent more than once, so that there may be a second copy of what it made.

    Attributes:
        told: The fields that it gave.
        begun_at: Before it was first sent.
        settled_at: When its end was known.
    """

    told: Form
    begun_at: datetime
    settled_at: datetime


_ROWS = bindparam("rows", type_=JSONB())
_ADD = text(
    """
    INSERT INTO todoist_commands (uuid, twin_id, task_id, type, temp_id, args, told, revision)
    SELECT r.uuid, CAST(:twin_id AS uuid), r.task_id, r.type, r.temp_id, r.args, r.told, r.revision
    FROM jsonb_to_recordset(:rows) AS r(
      uuid uuid, task_id uuid, type text, temp_id text, args jsonb, told jsonb, revision bigint, place bigint)
    ORDER BY r.place
    """
).bindparams(_ROWS)
_PENDING = text(
    """
    SELECT uuid, type, args, temp_id FROM todoist_commands
    WHERE twin_id = :twin_id AND state = 'new' AND NOT uuid = ANY(:tried)
    AND (type = ANY(:types) OR CAST(:types AS text[]) IS NULL)
    ORDER BY number LIMIT :most
    """
)
_PENDING_ROWS = _PENDING.bindparams(
    bindparam("tried", type_=ARRAY(Uuid())), bindparam("types", type_=ARRAY(Text()))
).columns(args=JSONB())
_SENT = text(
    "UPDATE todoist_commands SET attempts = attempts + 1, sent_at = now() WHERE uuid = ANY(:uuids)"
).bindparams(bindparam("uuids", type_=ARRAY(Uuid())))
_SETTLE = (
    text(
        """
    UPDATE todoist_commands AS said SET settled_at = now(), error = r.error, remote_id = r.remote_id,
      state = CASE WHEN r.error IS NULL THEN 'done' ELSE 'refused' END
    FROM jsonb_to_recordset(:rows) AS r(uuid uuid, error text, remote_id text)
    WHERE said.uuid = r.uuid AND said.twin_id = :twin_id AND said.state = 'new'
    RETURNING said.number, said.uuid, said.type, said.task_id, said.told, said.revision, said.remote_id,
      r.error IS NULL AS is_done
    """
    )
    .bindparams(_ROWS)
    .columns(told=JSONB())
)
_LINK_TASKS = text(
    """
    INSERT INTO todoist_links (task_id, twin_id, remote_id, base, revision)
    SELECT r.task_id, CAST(:twin_id AS uuid), r.remote_id, r.base, r.revision
    FROM jsonb_to_recordset(:rows) AS r(task_id uuid, remote_id text, base jsonb, revision bigint)
    JOIN tasks ON tasks.id = r.task_id
    ON CONFLICT DO NOTHING
    """
).bindparams(_ROWS)
_LINK_PROJECTS = text(
    """
    INSERT INTO todoist_projects (twin_id, remote_id, project_id)
    SELECT CAST(:twin_id AS uuid), r.remote_id, r.project_id
    FROM jsonb_to_recordset(:rows) AS r(remote_id text, project_id uuid) JOIN projects ON projects.id = r.project_id
    ON CONFLICT DO NOTHING
    """
).bindparams(_ROWS)
_AGREE = text(
    """
    UPDATE todoist_links AS links SET base = links.base || r.told, revision = greatest(links.revision, r.revision),
      updated_at = now()
    FROM jsonb_to_recordset(:rows) AS r(task_id uuid, told jsonb, revision bigint) WHERE links.task_id = r.task_id
    """
).bindparams(_ROWS)
_UNLINK_TASKS = text("DELETE FROM todoist_links WHERE task_id = ANY(:task_ids)").bindparams(
    bindparam("task_ids", type_=ARRAY(Uuid()))
)
_DROP = text(
    """
    UPDATE todoist_commands SET state = 'dropped', settled_at = now(), error = :reason
    WHERE task_id = ANY(:task_ids) AND state = 'new' AND NOT type = ANY(:kept)
    """
).bindparams(bindparam("task_ids", type_=ARRAY(Uuid())), bindparam("kept", list(NOT_REPEATABLE), type_=ARRAY(Text())))
_FORGIVE = text(
    "UPDATE todoist_commands SET state = 'dropped' WHERE twin_id = :twin_id AND"
    " (state = 'refused' OR (:with_lost AND type = 'item_add' AND state = 'done' AND remote_id IS NULL))"
)
_REPEATED = text(
    """
    SELECT told, created_at AS begun_at, settled_at FROM todoist_commands
    WHERE twin_id = :twin_id AND type = 'item_add' AND state = 'done' AND attempts > 1 AND remote_id IS NOT NULL
    ORDER BY number DESC LIMIT 1000
    """
).columns(told=JSONB())
_BEING_DELETED = text(
    "SELECT args ->> 'id' FROM todoist_commands WHERE twin_id = :twin_id AND type = 'item_delete' AND task_id IS NULL"
    " AND state IN ('new', 'done')"
)


async def add(connection: Connection, twin_id: UUID, commands: Sequence[NewCommand]) -> None:
    """Write commands down, in their order, before they are sent.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        commands: What to tell Todoist.
    """
    if commands:
        rows = [{**_row(each), "place": place} for place, each in enumerate(commands)]
        await connection.execute(_ADD, {"twin_id": twin_id, "rows": rows})


def _row(command: NewCommand) -> dict[str, Any]:
    return {
        "uuid": str(command.uuid),
        "task_id": None if command.task_id is None else str(command.task_id),
        "type": command.type,
        "temp_id": command.temp_id,
        "args": dict(command.args),
        "told": dict(command.told),
        "revision": command.revision,
    }


async def pending(
    connection: Connection, twin_id: UUID, *, tried: Iterable[UUID], types: Sequence[str] | None = None
) -> list[Command]:
    """Return commands whose end is not known, in their order, as many as one request may hold.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
        tried: Those that this run has sent already.
        types: Only these; None is all.
    """
    values = {"twin_id": twin_id, "tried": list(tried), "types": None if types is None else list(types), "most": MOST}
    rows = await connection.execute(_PENDING_ROWS, values)
    return [Command(type=row.type, uuid=str(row.uuid), args=row.args, temp_id=row.temp_id) for row in rows]


async def note_sending(connection: Connection, uuids: Sequence[UUID]) -> None:
    """Count that commands are about to be sent.

    Args:
        connection: A transaction that has locked the account.
        uuids: The commands.
    """
    if uuids:
        await connection.execute(_SENT, {"uuids": list(uuids)})


async def settle(connection: Connection, twin_id: UUID, *, ends: Sequence[Mapping[str, str | None]]) -> list[Settled]:
    """Write down how commands ended, and return those whose end was not known before, in their order.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        ends: uuid, error and remote_id of each.
    """
    rows = (await connection.execute(_SETTLE, {"twin_id": twin_id, "rows": list(ends)})).mappings().all()
    ordered = sorted(rows, key=lambda row: int(row["number"]))
    return [Settled(**{name: value for name, value in row.items() if name != "number"}) for row in ordered]


async def link_tasks(connection: Connection, twin_id: UUID, *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Link tasks; one that is linked already stays as it is.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        rows: task_id, remote_id, base and revision of each.
    """
    if rows:
        await connection.execute(_LINK_TASKS, {"twin_id": twin_id, "rows": list(rows)})


async def link_projects(connection: Connection, twin_id: UUID, *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Link projects that were made over there.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        rows: remote_id and project_id of each.
    """
    if rows:
        await connection.execute(_LINK_PROJECTS, {"twin_id": twin_id, "rows": list(rows)})


async def agree(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what both sides now agree on.

    Args:
        connection: A transaction that has locked the account.
        rows: task_id, told and revision of each; no task twice.
    """
    if rows:
        await connection.execute(_AGREE, {"rows": list(rows)})


async def unlink_tasks(connection: Connection, task_ids: Sequence[UUID]) -> None:
    """Unlink tasks that are gone over there.

    Args:
        connection: A transaction that has locked the account.
        task_ids: The tasks.
    """
    if task_ids:
        await connection.execute(_UNLINK_TASKS, {"task_ids": list(task_ids)})


async def drop(connection: Connection, task_ids: Sequence[UUID], *, reason: str) -> None:
    """Take commands back that a change over there has made pointless; never one that only its uuid makes harmless.

    Args:
        connection: A transaction that has locked the account.
        task_ids: The tasks that they are about.
        reason: Why, for people.
    """
    if task_ids:
        await connection.execute(_DROP, {"task_ids": list(task_ids), "reason": reason})


async def forgive(connection: Connection, twin_id: UUID, *, with_lost: bool) -> None:
    """Let refused commands be tried once more, anew.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        with_lost: Also creations whose real id was never told and could not be found in a complete comparison.
    """
    await connection.execute(_FORGIVE, {"twin_id": twin_id, "with_lost": with_lost})


async def repeated(connection: Connection, twin_id: UUID) -> list[Repeated]:
    """Return the creations that were sent more than once, newest first.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
    """
    return [Repeated(**row) for row in (await connection.execute(_REPEATED, {"twin_id": twin_id})).mappings()]


async def being_deleted(connection: Connection, twin_id: UUID) -> frozenset[str]:
    """Return the remote ids of unlinked tasks that we delete over there.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
    """
    return frozenset((await connection.scalars(_BEING_DELETED, {"twin_id": twin_id})).all())
