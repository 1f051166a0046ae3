"""The queries about projects: which one here is which one there."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from backend.db.unit_of_work import Connection
from backend.features.todoist.rules.records import NewCommand
from backend.features.todoist.rules.telling import project_creation

_KNOWN = text("SELECT remote_id, project_id FROM todoist_projects WHERE twin_id = :twin_id")
# A project of the same name is the same project; one that is linked already is renamed where its new name is free.
_RENAME = text(
    """
    UPDATE projects SET name = r.name, key = r.key
    FROM jsonb_to_recordset(:rows) AS r(remote_id text, name text, key text), todoist_projects AS linked
    WHERE linked.twin_id = :twin_id AND linked.remote_id = r.remote_id AND projects.id = linked.project_id
    AND projects.name <> r.name
    AND (SELECT count(*) FROM todoist_projects AS other WHERE other.project_id = projects.id) = 1
    AND NOT EXISTS (SELECT FROM projects AS other
      WHERE other.twin_id = :twin_id AND other.key = r.key AND other.id <> projects.id)
    """
).bindparams(bindparam("rows", type_=JSONB()))
_MAKE = text(
    """
    INSERT INTO projects (twin_id, name, key)
    SELECT DISTINCT ON (r.key) CAST(:twin_id AS uuid), r.name, r.key
    FROM jsonb_to_recordset(:rows) AS r(remote_id text, name text, key text)
    WHERE NOT EXISTS (SELECT FROM todoist_projects WHERE twin_id = :twin_id AND remote_id = r.remote_id)
    ON CONFLICT (twin_id, key) DO NOTHING
    """
).bindparams(bindparam("rows", type_=JSONB()))
_LINK = text(
    """
    INSERT INTO todoist_projects (twin_id, remote_id, project_id)
    SELECT CAST(:twin_id AS uuid), r.remote_id, projects.id
    FROM jsonb_to_recordset(:rows) AS r(remote_id text, name text, key text)
    JOIN projects ON projects.twin_id = :twin_id AND projects.key = r.key
    ON CONFLICT (twin_id, remote_id) DO NOTHING
    """
).bindparams(bindparam("rows", type_=JSONB()))
_UNLINK = text("DELETE FROM todoist_projects WHERE twin_id = :twin_id AND remote_id = ANY(:remote_ids)").bindparams(
    bindparam("remote_ids", type_=ARRAY(Text()))
)
# Those that a task waits for, unless one is under way or was refused.
_WANTED = text(
    """
    SELECT DISTINCT projects.id, projects.name FROM tasks JOIN projects ON projects.id = tasks.project_id
    LEFT JOIN todoist_links AS links ON links.task_id = tasks.id
    WHERE tasks.twin_id = :twin_id AND tasks.status <> 'deleted'
    AND ((links.task_id IS NULL AND tasks.status = 'open') OR tasks.revision > links.revision)
    AND NOT EXISTS (SELECT FROM todoist_projects AS known WHERE known.project_id = projects.id)
    AND NOT EXISTS (SELECT FROM todoist_commands AS said WHERE said.twin_id = :twin_id AND said.type = 'project_add'
      AND said.told ->> 'project' = projects.id::text AND said.state IN ('new', 'refused'))
    LIMIT 500
    """
)


async def known(connection: Connection, twin_id: UUID) -> dict[str, str]:
    """Return by remote id which project it is here.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
    """
    return {row.remote_id: str(row.project_id) for row in await connection.execute(_KNOWN, {"twin_id": twin_id})}


async def keep(connection: Connection, twin_id: UUID, *, rows: Sequence[Mapping[str, str]]) -> None:
    """Link projects of Todoist, by their names; those that are not here are made.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
        rows: remote_id, name and key of each.
    """
    for statement in (_RENAME, _MAKE, _LINK):
        await connection.execute(statement, {"twin_id": twin_id, "rows": list(rows)})


async def unlink(connection: Connection, twin_id: UUID, *, remote_ids: Iterable[str]) -> int:
    """Forget projects that are gone over there, and return how many were linked; here they stay.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
        remote_ids: Their ids.
    """
    return (await connection.execute(_UNLINK, {"twin_id": twin_id, "remote_ids": list(remote_ids)})).rowcount


async def wanted(connection: Connection, twin_id: UUID) -> list[NewCommand]:
    """Return the commands that make the projects which tasks wait for.

    Args:
        connection: A transaction.
        twin_id: Whose they are.
    """
    return [project_creation(row.id, row.name) for row in await connection.execute(_WANTED, {"twin_id": twin_id})]
