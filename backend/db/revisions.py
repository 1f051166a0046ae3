"""Schema revisions: what this build was made for, and what the database has."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import column, select, table
from sqlalchemy.exc import ProgrammingError

from backend.db.unit_of_work import Connection

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_UNDEFINED_TABLE = "42P01"
_VERSION = table("alembic_version", column("version_num"))


class SchemaState(StrEnum):
    """How the database's schema relates to this build."""

    CURRENT = "current"
    NEWER = "newer"
    OLDER = "older"
    UNKNOWN = "unknown"

    @property
    def is_served(self) -> bool:
        """Whether this build works on such a schema: its own or, after a rollback, a newer one."""
        return self in {SchemaState.CURRENT, SchemaState.NEWER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Revisions:
    """The revisions that this build ships.

    Attributes:
        head: The one that this build was made for.
        known: All of them.
    """

    head: str
    known: frozenset[str]

    def judge(self, observed: frozenset[str]) -> SchemaState:
        """Return how a database relates to this build.

        Args:
            observed: The revisions that the database records; none in an empty one.
        """
        if self.head in observed:
            return SchemaState.CURRENT
        # Revisions only grow: one that we do not ship was made after us.
        return SchemaState.NEWER if observed - self.known else SchemaState.OLDER


def read_revisions() -> Revisions:
    """Return what this build ships, read from its migration files."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    directory = ScriptDirectory.from_config(config)
    head = directory.get_current_head()
    return Revisions(head=head or "", known=frozenset(each.revision for each in directory.walk_revisions()))


async def observe(connection: Connection) -> frozenset[str]:
    """Return the revisions that the database records, none when it has never been migrated.

    Args:
        connection: An open connection.
    """
    try:
        return frozenset((await connection.scalars(select(_VERSION.c.version_num))).all())
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
            return frozenset()
        raise


def label(observed: frozenset[str]) -> str | None:
    """Return the revisions as one word for reports, None when there are none.

    Args:
        observed: The revisions that the database records.
    """
    return ",".join(sorted(observed)) or None
