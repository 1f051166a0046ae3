"""How a database takes statements: each is planned, and run with the values that it was once sent with.

Everything happens in one transaction that is rolled back, on a copy that nobody else needs.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

from gonogo.model.schemas import Answer, Sent

# What may be planned and rolled back. Everything else (SET, LISTEN, BEGIN, DDL) is left alone.
_PLANNED = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES|TABLE)\b",
    re.IGNORECASE | re.DOTALL,
)
# Locks that outlive a transaction, and waits.
_LEFT_ALONE = re.compile(
    r"\bpg_(?:try_)?advisory_(?!xact)|\bpg_sleep|\bpg_terminate|\bsetval\s*\(|\bdblink", re.IGNORECASE
)
_LIMITS = (
    b"SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5s'; SET LOCAL plan_cache_mode = force_generic_plan"
)
# What says nothing about the schema: resources, serialization, cancelled, connection.
_PASSING = ("08", "40", "53", "55P03", "57", "58")
_NAME = b"gonogo_asked"


def answers(url: str, sent: Sequence[Sent]) -> tuple[Answer | None, ...]:
    """Return how a database takes statements, in their order; None for one that is not tried.

    Args:
        url: of a copy; what is run is rolled back.
        sent: statements, with values where they are known.
    """
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        asked = connection.pgconn
        _ran(asked, b"BEGIN")
        _ran(asked, _LIMITS)
        try:
            return tuple(_answer(asked, each) if is_tried(each.sql) else None for each in sent)
        finally:
            _ran(asked, b"ROLLBACK")


def is_tried(sql: str) -> bool:
    """Return whether a statement may be planned and run in a transaction that is rolled back."""
    return bool(_PLANNED.match(sql)) and not _LEFT_ALONE.search(sql)


def _answer(asked: PGconn, sent: Sent) -> Answer | None:
    """Return how one statement is taken; None when something else than the schema was in its way."""
    with _savepoint(asked):
        prepared = asked.prepare(_NAME, sent.sql.encode(), list(sent.types) or None)
        if refused := _refusal(prepared):
            return _kept(refused)
        takes, gives = _described(asked)
        planned = _ran(asked, _explain(len(takes)))
        refused = _refusal(planned)
    if refused:
        return _kept(refused)
    if sent.values is None or len(sent.values) != len(takes):
        return Answer(takes=takes, gives=gives)
    return _run(asked, sent, Answer(takes=takes, gives=gives))


def _run(asked: PGconn, sent: Sent, planned: Answer) -> Answer:
    """Run a statement with its values. What it changes is seen by the statements after it."""
    _ran(asked, b"SAVEPOINT gonogo_run")
    formats = [Format(each) for each in sent.formats]
    done = asked.exec_params(sent.sql.encode(), list(sent.values or ()), list(sent.types) or None, formats)
    refused = _refusal(done)
    _ran(asked, b"ROLLBACK TO gonogo_run" if refused else b"RELEASE gonogo_run")
    if refused is None:
        return replace(planned, ran=True)
    kept = _kept(refused)
    return replace(kept, takes=planned.takes, gives=planned.gives, ran=True) if kept else planned


@contextmanager
def _savepoint(asked: PGconn) -> Iterator[None]:
    """Let nothing that happens inside disturb what comes after, nor stay."""
    _ran(asked, b"SAVEPOINT gonogo_asked")
    try:
        yield
    finally:
        _ran(asked, b"ROLLBACK TO gonogo_asked")
        _ran(asked, b"DEALLOCATE ALL")


def _explain(count: int) -> bytes:
    """Return what plans the prepared statement: a conflict that no index decides is only found then."""
    values = b"(" + b", ".join([b"NULL"] * count) + b")" if count else b""
    return b"EXPLAIN EXECUTE " + _NAME + values


def _described(asked: PGconn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the types of the prepared statement's parameters, and its columns with theirs."""
    said = asked.describe_prepared(_NAME)
    takes = _types(asked, [(said.param_type(index), -1) for index in range(said.nparams)])
    types = _types(asked, [(said.ftype(index), said.fmod(index)) for index in range(said.nfields)])
    names = [(said.fname(index) or b"").decode() for index in range(said.nfields)]
    return takes, tuple(f"{name} {kind}" for name, kind in zip(names, types, strict=True))


def _types(asked: PGconn, numbers: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Return types as PostgreSQL writes them: its numbers differ between two databases."""
    if not numbers:
        return ()
    chosen = b", ".join(b"format_type(%d, %d)" % each for each in numbers)
    row = _ran(asked, b"SELECT " + chosen)
    return tuple((row.get_value(0, index) or b"").decode() for index in range(row.nfields))


def _ran(asked: PGconn, words: bytes) -> PGresult:
    return asked.exec_(words)


def _refusal(result: PGresult) -> Answer | None:
    """Return a refusal; None when it was none."""
    if result.status != ExecStatus.FATAL_ERROR:
        return None
    code, message, rule = (
        (result.error_field(each) or b"").decode()
        for each in (DiagnosticField.SQLSTATE, DiagnosticField.MESSAGE_PRIMARY, DiagnosticField.CONSTRAINT_NAME)
    )
    return Answer(code=code, message=message, rule=rule)


def _kept(refused: Answer) -> Answer | None:
    return None if refused.code.startswith(_PASSING) else refused
