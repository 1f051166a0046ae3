"""The queries about tasks: linked ones, those to tell of, and what a pull writes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import RowMapping

from backend.db.unit_of_work import Connection
from backend.features.todoist.rules.records import Linked, LocalTask

BATCH = 500
_STREAM = 1_000
_COLUMNS = """tasks.id, tasks.title, tasks.notes, tasks.status, tasks.priority, tasks.due_on, tasks.due_at,
  tasks.due_zone, tasks.recurrence, tasks.labels, tasks.project_id, tasks.revision"""
_LINK = "links.remote_id, links.base, links.revision AS known"
_LINKED = f"SELECT {_COLUMNS}, {_LINK} FROM todoist_links AS links JOIN tasks ON tasks.id = links.task_id"  # noqa: S608
_BASE = {"base": JSONB()}
_IDS = bindparam("remote_ids", type_=ARRAY(Text()))
_BY_REMOTE = (
    text(
        f"{_LINKED} WHERE links.twin_id = :twin_id AND links.remote_id = ANY(:remote_ids) ORDER BY tasks.id"
        " FOR UPDATE OF tasks"
    )
    .bindparams(_IDS)
    .columns(**_BASE)
)
# Completed on both sides is settled, unless the task is listed over there again.
_ALL = (
    text(
        f"""{_LINKED} WHERE links.twin_id = :twin_id AND (links.base ->> 'status' = 'open' OR tasks.status <> 'done'
    OR tasks.revision > links.revision OR links.remote_id = ANY(:remote_ids))"""
    )
    .bindparams(_IDS)
    .columns(**_BASE)
)
_OPEN_LINKS = text("SELECT count(*) FROM todoist_links WHERE twin_id = :twin_id AND base ->> 'status' = 'open'")
# Nothing is said of a task while a command about it has no end, nor again what was refused until the task changes.
_UNTOLD = """
  AND NOT EXISTS (SELECT FROM todoist_commands AS said WHERE said.task_id = tasks.id AND (
    said.state = 'new' OR (said.state = 'refused' AND said.revision = tasks.revision)
    OR (said.type = 'item_add' AND said.state = 'done' AND links.task_id IS NULL AND (said.remote_id IS NULL
      OR EXISTS (SELECT FROM todoist_links AS other WHERE other.twin_id = tasks.twin_id
        AND other.remote_id = said.remote_id)))))
"""
_TO_TELL = text(
    f"""
    SELECT {_COLUMNS}, {_LINK} FROM tasks LEFT JOIN todoist_links AS links ON links.task_id = tasks.id
    WHERE tasks.twin_id = :twin_id
    AND ((links.task_id IS NULL AND tasks.status = 'open') OR tasks.revision > links.revision) {_UNTOLD}
    AND NOT EXISTS (SELECT FROM todoist_commands AS said WHERE said.twin_id = :twin_id AND said.type = 'project_add'
      AND said.state = 'new' AND said.told ->> 'project' = tasks.project_id::text)
    ORDER BY tasks.created_at, tasks.id LIMIT :most
    """  # noqa: S608
).columns(**_BASE)
_ORPHAN = """
    FROM tasks LEFT JOIN todoist_links AS links ON links.task_id = tasks.id
    WHERE tasks.twin_id = :twin_id AND links.task_id IS NULL AND tasks.status = 'open'
    AND NOT EXISTS (SELECT FROM todoist_commands AS said
      WHERE said.task_id = tasks.id AND said.type = 'item_add' AND said.state = 'new')
    AND (NOT :only_lost OR EXISTS (SELECT FROM todoist_commands AS said WHERE said.task_id = tasks.id
      AND said.type = 'item_add' AND said.state = 'done' AND said.remote_id IS NULL))
"""
_ORPHANS = text(f"SELECT {_COLUMNS} {_ORPHAN} ORDER BY tasks.created_at, tasks.id")
_COUNT_ORPHANS = text(f"SELECT count(*) {_ORPHAN}")
_KNOW = text(
    "UPDATE todoist_links AS links SET revision = r.revision"
    " FROM jsonb_to_recordset(:rows) AS r(task_id uuid, revision bigint) WHERE links.task_id = r.task_id"
).bindparams(bindparam("rows", type_=JSONB()))
_RECORD = """jsonb_to_recordset(:rows) AS r(id uuid, title text, notes text, status text, priority bigint, due_on date,
  due_at timestamptz, due_zone text, recurrence text, labels text[], project_id uuid, completed_at timestamptz,
  remote_id text, base jsonb, revision bigint)"""
_FIELDS = "title, notes, status, priority, due_on, due_at, due_zone, recurrence, labels, project_id"
_SET = ", ".join(f"{name} = r.{name}" for name in _FIELDS.split(", "))
_CHANGE = text(
    f"""
    UPDATE tasks SET {_SET}, revision = tasks.revision + 1, updated_at = now(),
      completed_at = CASE WHEN r.status = 'done' THEN coalesce(tasks.completed_at, r.completed_at, now()) END,
      deleted_at = CASE WHEN r.status = 'deleted' THEN coalesce(tasks.deleted_at, now()) END
    FROM {_RECORD} WHERE tasks.id = r.id
    """  # noqa: S608
).bindparams(bindparam("rows", type_=JSONB()))
_AGREE = text(
    """
    UPDATE todoist_links AS links SET base = r.base, revision = r.revision, updated_at = now()
    FROM jsonb_to_recordset(:rows) AS r(id uuid, base jsonb, revision bigint) WHERE links.task_id = r.id
    """
).bindparams(bindparam("rows", type_=JSONB()))
_MAKE = text(
    f"""
    WITH made AS (
      INSERT INTO tasks (id, twin_id, source, {_FIELDS})
      SELECT r.id, CAST(:twin_id AS uuid), 'todoist', {", ".join(f"r.{name}" for name in _FIELDS.split(", "))}
      FROM {_RECORD} RETURNING id, revision
    )
    INSERT INTO todoist_links (task_id, twin_id, remote_id, base, revision)
    SELECT made.id, CAST(:twin_id AS uuid), r.remote_id, r.base, made.revision
    FROM {_RECORD} JOIN made ON made.id = r.id
    """  # noqa: S608
).bindparams(bindparam("rows", type_=JSONB()))


def _task(row: RowMapping) -> LocalTask:
    values = {name: row[name] for name in LocalTask.__dataclass_fields__ if name != "labels"}
    return LocalTask(**values, labels=tuple(row["labels"]))


def _linked(row: RowMapping) -> Linked:
    return Linked(task=_task(row), remote_id=row["remote_id"], base=row["base"], known=row["known"])


async def linked(connection: Connection, twin_id: UUID, *, remote_ids: Sequence[str]) -> list[Linked]:
    """Return linked tasks, and lock them until the transaction ends.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        remote_ids: What Todoist calls them.
    """
    rows = await connection.execute(_BY_REMOTE, {"twin_id": twin_id, "remote_ids": list(remote_ids)})
    return [_linked(row) for row in rows.mappings()]


async def every_linked(connection: Connection, twin_id: UUID, *, remote_ids: Sequence[str]) -> AsyncIterator[Linked]:
    """Yield all linked tasks, some at a time, but for those that both sides have completed.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
        remote_ids: What Todoist lists; these are yielded in any case.
    """
    values = {"twin_id": twin_id, "remote_ids": list(remote_ids)}
    async with connection.stream(_ALL, values, execution_options={"yield_per": _STREAM}) as rows:
        async for row in rows.mappings():
            yield _linked(row)


async def count_open_links(connection: Connection, twin_id: UUID) -> int:
    """Return how many tasks are linked that were open when both sides last agreed.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
    """
    return int(await connection.scalar(_OPEN_LINKS, {"twin_id": twin_id}) or 0)


async def to_tell(connection: Connection, twin_id: UUID) -> tuple[list[LocalTask], list[Linked]]:
    """Return tasks that Todoist does not have, and tasks that have changed since it was told; some at a time.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
    """
    rows = (await connection.execute(_TO_TELL, {"twin_id": twin_id, "most": BATCH})).mappings().all()
    new = [_task(row) for row in rows if row["remote_id"] is None]
    return new, [_linked(row) for row in rows if row["remote_id"] is not None]


async def orphans(connection: Connection, twin_id: UUID, *, only_lost: bool) -> list[LocalTask]:
    """Return open tasks that are not linked and of which no creation is under way, oldest first.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
        only_lost: Only those that were made over there without its being told under which id.
    """
    rows = await connection.execute(_ORPHANS, {"twin_id": twin_id, "only_lost": only_lost})
    return [_task(row) for row in rows.mappings()]


async def count_orphans(connection: Connection, twin_id: UUID) -> int:
    """Return how many open tasks are not linked, those left out whose creation is under way.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    return int(await connection.scalar(_COUNT_ORPHANS, {"twin_id": twin_id, "only_lost": False}) or 0)


async def know(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note up to which revision a task has been looked at.

    Args:
        connection: A transaction that has locked the account.
        rows: task_id and revision of each.
    """
    if rows:
        await connection.execute(_KNOW, {"rows": list(rows)})


async def change(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change tasks as Todoist has them; each counts as a change.

    Args:
        connection: A transaction that has locked the tasks.
        rows: id, completed_at and every field of each.
    """
    if rows:
        await connection.execute(_CHANGE, {"rows": list(rows)})


async def agree(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note what both sides agree on.

    Args:
        connection: A transaction that has locked the account.
        rows: id, base and revision of each.
    """
    if rows:
        await connection.execute(_AGREE, {"rows": list(rows)})


async def make(connection: Connection, twin_id: UUID, *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make tasks that Todoist has, and link them.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose they are.
        rows: id, every field, remote_id and base of each.
    """
    if rows:
        await connection.execute(_MAKE, {"twin_id": twin_id, "rows": list(rows)})
