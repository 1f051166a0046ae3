"""What ran, who ran it, when and how long: a table beside the version table, written in the same transaction."""

import logging
from collections.abc import Callable
from typing import Any

from gonogo_migrator.sessions import Session, ask, named, quoted

TABLE = "gonogo_migrations"
_logger = logging.getLogger("alembic.runtime.migration")
_COLUMNS = {"id", "revision", "direction", "started_at", "finished_at", "attempts", "by"}
_CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    revision text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    attempts int NOT NULL,
    by text NOT NULL
)
"""


class Record:
    """The table. A row without an end is a revision that committed a part of itself and was broken off."""

    def __init__(self, *, schema: str | None, by: str) -> None:
        """Prepare; until the table is there, nothing is written."""
        self._schema = schema
        self._by = by
        self._table = ""

    def prepare(self, session: Session) -> None:
        """Make the table where it is missing; a role that may not is a note, and then nothing is recorded."""
        try:
            table = named(self._schema or session.one("SELECT current_schema()"), TABLE)
            _demand(session, table)
            self._table = table
        except Exception as error:  # noqa: BLE001  # each driver has its own classes
            _logger.warning("%s is not written: %s", TABLE, _first_line(error))

    def begun(self, revision: str, direction: str) -> str | None:
        """Return, as SQL, the row of a run of this revision that began and did not end."""
        if not self._table:
            return None
        return (
            f"SELECT {{column}} FROM {self._table} WHERE revision = {quoted(revision)} AND direction = '{direction}'"
            " AND finished_at IS NULL ORDER BY id DESC LIMIT 1"
        )

    def begin(self, raw: Any, revision: str, direction: str) -> bool:
        """Note that a revision begins to commit parts of itself; return whether an earlier run did and did not end."""
        if not (query := self.begun(revision, direction)):
            return False
        if ask(raw, query.format(column="id")):
            return True
        _write(
            raw,
            f"INSERT INTO {self._table} (revision, direction, started_at, attempts, by) "
            f"VALUES ({quoted(revision)}, '{direction}', clock_timestamp(), 1, {quoted(self._by)})",
        )
        return False

    def finish(self, raw: Any, revision: str, direction: str, *, attempts: int, seconds: float) -> None:
        """Note that a revision was applied or taken back, in the transaction that says so."""
        if not (query := self.begun(revision, direction)):
            return
        started = f"clock_timestamp() - make_interval(secs => {seconds:.6f})"
        values = f"{started}, clock_timestamp(), {attempts}, {quoted(self._by)}"
        # A part that fails is taken back alone: the record must not cost the revision.
        ask(raw, "SAVEPOINT gonogo_record")
        try:
            if open_row := ask(raw, query.format(column="id")):
                sets = f"(started_at, finished_at, attempts, by) = ({values})"
                ask(raw, f"UPDATE {self._table} SET {sets} WHERE id = {open_row[0][0]}")
            else:
                columns = "revision, direction, started_at, finished_at, attempts, by"
                ask(raw, f"INSERT INTO {self._table} ({columns}) VALUES ({quoted(revision)}, '{direction}', {values})")
        except Exception as error:  # noqa: BLE001  # each driver has its own classes
            ask(raw, "ROLLBACK TO SAVEPOINT gonogo_record")
            _logger.warning("%s was not written: %s", TABLE, _first_line(error))
        ask(raw, "RELEASE SAVEPOINT gonogo_record")


def _demand(session: Session, table: str) -> None:
    """Make the table, and raise where it cannot be written."""
    if session.one(f"SELECT to_regclass({quoted(table)})") is None:
        session.rows(_CREATE.format(table=table))
    columns = session.rows(f"SELECT attname FROM pg_attribute WHERE attrelid = {quoted(table)}::regclass")
    if missing := _COLUMNS - {name for (name,) in columns}:
        raise ValueError(f"its columns {', '.join(sorted(missing))} are missing")
    rights = "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE'])"
    if not session.one(f"SELECT bool_and(has_table_privilege({quoted(table)}, r)) FROM {rights} AS r"):
        raise PermissionError("this role may not write it")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _write(raw: Any, sql: str) -> None:
    """Write outside a transaction; what fails is a note."""
    try:
        ask(raw, sql)
    except Exception as error:  # noqa: BLE001  # each driver has its own classes
        _logger.warning("%s was not written: %s", TABLE, _first_line(error))


def without_ours(theirs: Callable[..., bool] | None) -> Callable[..., bool]:
    """Return the project's own choice of names, without the table that no model of it describes."""

    def chosen(name: str | None, kind: str, parents: Any) -> bool:
        return not (kind == "table" and name == TABLE) and (theirs is None or theirs(name, kind, parents))

    return chosen
