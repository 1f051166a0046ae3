"""What a server must be like for physical backups, and what it says of itself when one is taken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import conninfo

from gonogo.adapters import postgres
from gonogo.errors import NoGoError
from gonogo.model import Archiver, Secret

_FIRST_WITH_SUMMARIES = 17
_FIRST = 14
# Larger tables are not counted: a backup of files should not have to read all rows.
_COUNTED_BYTES = 1 << 30
_STATE = """SELECT current_setting('server_version_num')::int / 10000 AS major,
    split_part(current_setting('server_version'), ' ', 1) AS version, current_database() AS database,
    current_setting('wal_level') AS wal_level, coalesce(current_setting('summarize_wal', true), 'off') AS summarize_wal,
    current_setting('archive_mode') AS archive_mode, current_setting('archive_command', true) AS archive_command,
    coalesce(current_setting('archive_library', true), '') AS archive_library,
    current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication) AS senders,
    (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may, current_user AS who,
    (SELECT string_agg(spcname, ', ') FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')) AS spaces,
    (SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datallowconn) AS cluster_bytes,
    pg_size_bytes(current_setting('wal_segment_size')) AS segment_bytes, pg_is_in_recovery() AS standby,
    (SELECT setting FROM pg_settings WHERE name = 'archive_timeout')::int AS archive_timeout"""
_TABLES = r"""SELECT format('%I.%I', nspname, relname), pg_table_size(c.oid), nspname || '.' || relname
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' ORDER BY 3"""
_SNAPSHOT = """SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint
FROM pg_current_snapshot() s"""
_ARCHIVER = "SELECT last_archived_wal, last_archived_time, last_failed_wal, last_failed_time FROM pg_stat_archiver"


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the environment's database held at one moment.

    Attributes:
        settled_at: the transaction up to which all had ended; None where some were under way.
    """

    rows: Mapping[str, int | None]
    revision: str | None
    settled_at: int | None


def ready(url: Secret, *, incrementals: bool, archives: bool) -> dict[str, Any]:
    """Return what a server says of itself, when it can be backed up by its files.

    Args:
        url: the environment's database.
        incrementals: whether incremental backups are wanted.
        archives: whether its WAL is to be archived.

    Raises:
        NoGoError: it cannot, with everything that has to be changed.
    """
    with postgres.connected(url) as connection:
        state = _state(connection)
    problems = [*_problems(state, incrementals=incrementals), *(_archiving(state) if archives else ())]
    identity = {} if not state["may"] else _identity(url, state, problems)
    if problems:
        why = "a physical backup copies the files of the whole cluster over a replication connection"
        hint = "docs/backups.md lists the server's settings; then: invoke backup.run"
        raise NoGoError("server-not-ready", "; ".join(problems), where=url.name, why=why, hint=hint)
    return {**state, **identity}


def archiver(url: Secret) -> Archiver:
    """Return what a server says of its archiving."""
    with postgres.connected(url) as connection:
        state = _state(connection)
        row = connection.execute(_ARCHIVER).fetchone() or ("", None, "", None)
    last_wal, last_at, failed_wal, failed_at = row
    return Archiver(
        last_wal=last_wal or "",
        last_at=last_at,
        failed_wal=failed_wal or "",
        failed_at=failed_at,
        problems=tuple(_archiving(state)),
        segment_bytes=int(state["segment_bytes"]),
    )


def count(connection: psycopg.Connection) -> Counted:
    """Return the rows of each table, and the schema's revision, of one snapshot."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = connection.execute(_SNAPSHOT).fetchone()
        least, most = found or (0, 1)
        tables = connection.execute(_TABLES.encode()).fetchall()
        rows = {str(label): _rows(connection, quoted, size) for quoted, size, label in tables}
        versioned = connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,)
        query = "SELECT string_agg(version_num, ',' ORDER BY version_num) FROM alembic_version"
        revision = connection.execute(query).fetchone() if versioned else None
    return Counted(rows=rows, revision=revision[0] if revision else None, settled_at=most if least == most else None)


def since(url: Secret, lsn: int) -> int:
    """Return how much WAL was written since a place."""
    with postgres.connected(url) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    return max(0, int(row[0]) - lsn) if row else 0


def _rows(connection: psycopg.Connection, quoted: str, size: int) -> int | None:
    """Return a table's rows; None where it is too big."""
    if size > _COUNTED_BYTES:
        return None
    row = connection.execute(f"SELECT count(*) FROM ONLY {quoted}".encode()).fetchone()  # noqa: S608  # quoted there
    return int(row[0]) if row else None


def _state(connection: psycopg.Connection) -> dict[str, Any]:
    """Return what a server says of itself, by name."""
    cursor = connection.execute(_STATE)
    names = [each.name for each in cursor.description or ()]
    return dict(zip(names, cursor.fetchone() or (), strict=True))


def _problems(state: Mapping[str, Any], *, incrementals: bool) -> Iterator[str]:
    """Yield what keeps a server from being backed up by its files, with what to do."""
    if state["major"] < (_FIRST_WITH_SUMMARIES if incrementals else _FIRST):
        hint = "upgrade, or set keep_incrementals = 0" if incrementals else 'keep engine = "pg_dump"'
        yield f"it is PostgreSQL {state['major']}, incremental backups need {_FIRST_WITH_SUMMARIES}: {hint}"
    elif incrementals and state["summarize_wal"] != "on":
        yield "summarize_wal is off: ALTER SYSTEM SET summarize_wal = on; SELECT pg_reload_conf()"
    if state["wal_level"] == "minimal":
        yield "wal_level is minimal: ALTER SYSTEM SET wal_level = replica; then restart the server"
    if state["senders"] < 2:  # noqa: PLR2004  # one for the files, one for the WAL that is written meanwhile
        yield f"{max(0, state['senders'])} of max_wal_senders are free, 2 are needed: raise it, and restart the server"
    if not state["may"]:
        name = postgres.quoted(state["who"])
        yield f"the role {state['who']} may not copy files: ALTER ROLE {name} REPLICATION"
    if state["spaces"]:
        yield f"tablespaces are not handled: {state['spaces']}; move their tables to pg_default, or use another engine"
    if state["standby"]:
        yield "it is a standby: back its primary up"


def _archiving(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps a server from archiving its WAL."""
    if state["archive_mode"] == "off":
        yield "archive_mode is off: ALTER SYSTEM SET archive_mode = on; then restart the server"
    if not state["archive_command"].strip("() ").removeprefix("disabled") and not state["archive_library"]:
        yield "archive_command is empty: set it to ops/archive_wal.sh as docs/backups.md says, and reload the server"
    if state["archive_timeout"] == 0:
        yield "archive_timeout is 0, so a quiet hour is archived late: ALTER SYSTEM SET archive_timeout = '60s'"


def _identity(url: Secret, state: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return what only a replication connection tells; add what keeps us from one."""
    given: dict[str, Any] = {**conninfo.conninfo_to_dict(url.reveal()), "replication": "true", "connect_timeout": 10}
    given.pop("dbname", None)
    try:
        with psycopg.connect(conninfo.make_conninfo(**given), autocommit=True) as connection:
            said = connection.pgconn.exec_(b"IDENTIFY_SYSTEM")
            system, timeline = (said.get_value(0, column) or b"" for column in (0, 1))
            return {"system_identifier": system.decode(), "timeline": int(timeline)}
    except (psycopg.Error, ValueError) as error:
        words = " ".join(str(error).split())
        if "pg_hba.conf" in words:
            line = f"host replication {state['who']} samenet scram-sha-256"
            problems.append(f"pg_hba.conf lets no replication connection in: add `{line}`, and reload the server")
        else:
            problems.append(f"no replication connection: {re.sub('^.*FATAL: +', '', words)}")
        return {}
