"""Statements that run beside everybody: CONCURRENTLY in an autocommit block. They may wait long, and fail half."""

import logging
import re
from collections.abc import Collection
from typing import Any

from gonogo_migrator.sessions import ask, quoted
from gonogo_migrator.settings import Settings
from gonogo_migrator.stopping import Stop

_logger = logging.getLogger("alembic.runtime.migration")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = r"""(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)"""
_CONCURRENTLY = re.compile(
    r"\s*(?:create\s+(?:unique\s+)?index\s+concurrently\b|drop\s+index\s+concurrently\b"
    r"|reindex\b[^;]*\bconcurrently\b|alter\s+table\b[^;]*\bdetach\s+partition\b[^;]*\bconcurrently\b)",
    re.IGNORECASE,
)
# Their locks let readers and writers pass, and each may take as long as the table is big.
_UNHURRIED = re.compile(
    rf"\s*(?:vacuum\b|analyze\b|alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?{_NAME}(?:\.{_NAME})?"
    rf"\s+validate\s+constraint\s+{_NAME}\s*;?\s*$)",
    re.IGNORECASE,
)
_FULL = re.compile(r"\s*vacuum\s*\(?[^;]*\bfull\b", re.IGNORECASE)
_BUILD = re.compile(
    rf"\s*create\s+(?:unique\s+)?index\s+concurrently\s+(if\s+not\s+exists\s+)?({_NAME})\s+on\s+(?:only\s+)?"
    rf"({_NAME}(?:\.{_NAME})?)",
    re.IGNORECASE,
)
_FOUND = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), i.indisvalid, {younger},
       (SELECT min(p.pid) FROM pg_stat_progress_create_index p
         WHERE p.index_relid = c.oid AND p.datname = current_database())
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE i.indrelid = to_regclass({table}) AND c.relname = {name} AND c.relkind = 'i'
"""
# An index of a partitioned table is INVALID until all its parts are attached: that is no leftover.
INVALID = """
SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname !~ '^pg_'
   AND c.oid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index WHERE datname = current_database())
 ORDER BY 2
"""


def plain(sql: str) -> str:
    """Return a statement without its comments."""
    return _COMMENTS.sub(" ", sql) if "--" in sql or "/*" in sql else sql


def is_online(sql: str, *, alone: bool) -> bool:
    """Return whether a statement runs beside readers and writers, and so without our limits.

    Args:
        sql: the statement, without comments.
        alone: whether it runs outside a transaction.
    """
    return bool(_CONCURRENTLY.match(sql) or (alone and _UNHURRIED.match(sql) and not _FULL.match(sql)))


def limit(raw: Any, settings: Settings, *, online: bool) -> None:
    """Set a session's limits; a statement that runs beside everybody has none.

    Args:
        raw: the driver's own connection.
        settings: the limits.
        online: whether they are set aside.
    """
    lock, statement = (0, 0) if online else (settings.lock_timeout_ms, settings.statement_timeout_ms)
    ask(
        raw,
        f"SELECT set_config('lock_timeout', '{lock}', false), set_config('statement_timeout', '{statement}', false),"
        f" set_config('idle_in_transaction_session_timeout', '{settings.idle_timeout_ms}', false)",
    )


def make_way(raw: Any, sql: str, *, begun: str | None, stop: Stop) -> None:
    """Drop what a broken run left of the index that a statement is about to build.

    PostgreSQL leaves an INVALID index behind. It costs every write and serves no query, and IF NOT EXISTS takes it for
    the real one.

    Args:
        raw: the driver's own connection, outside a transaction.
        sql: the statement, without comments.
        begun: the xmin of what was noted when an earlier run began this revision and did not end it, as SQL.
        stop: whether to go on waiting for who builds it at this moment.
    """
    if not (build := _BUILD.match(sql)):
        return
    tolerant, name, table = build.groups()
    name = name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()[:63]
    younger = f"age(c.xmin) < age(({begun}))" if begun else "false"
    query = _FOUND.format(table=quoted(table), name=quoted(name), younger=younger)
    if not (found := _unless_built(raw, query, stop)):
        return
    index, is_valid, is_ours, _ = found
    if not is_valid or (is_ours and not tolerant):
        state = "complete, of a run that was broken off" if is_valid else "INVALID, of a build that failed"
        _logger.warning("%s is there, %s: it is dropped and built again.", index, state)
        ask(raw, f"DROP INDEX CONCURRENTLY IF EXISTS {index}")


def _unless_built(raw: Any, query: str, stop: Stop) -> tuple[Any, ...] | None:
    """Return the index that is found once nobody builds it any more; None where there is none."""
    said = 0
    while found := ask(raw, query):
        if not (builder := found[0][3]):
            return found[0]
        if builder != said:
            said = builder
            _logger.warning("%s is being built by pid %s; waiting for it to end.", found[0][0], builder)
        stop.sleep(0.2)
        stop.check()
    return None


def new_invalid(rows: Collection[tuple[Any, ...]], before: Collection[int]) -> str:
    """Return the INVALID indexes that were not there before, in words; empty where there is none."""
    return ", ".join(name for oid, name in rows if oid not in before)
