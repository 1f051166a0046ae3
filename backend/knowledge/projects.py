"""Projects: found by any spelling of their names, made when absent."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from backend.db.models import Project
from backend.db.unit_of_work import Connection
from backend.knowledge.names import key_of


async def ensure(connection: Connection, twin_id: UUID, *, name: str) -> UUID:
    """Return a twin's project of a name; it is made when absent.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        name: In any spelling; a project that is there keeps its own.
    """
    new = insert(Project).values(twin_id=twin_id, name=name, key=key_of(name))
    # Not DO NOTHING: that returns no row.
    kept = new.on_conflict_do_update(index_elements=[Project.twin_id, Project.key], set_={"key": new.excluded.key})
    project_id: UUID = (await connection.execute(kept.returning(Project.id))).scalar_one()
    return project_id
