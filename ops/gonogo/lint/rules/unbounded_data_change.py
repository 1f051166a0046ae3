"""Rows are changed in one go, however many there are."""

import re
from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject, alone, said
from gonogo.model import Severity

_BOUND = re.compile(r"\blimit\b|\bbetween\b|\bctid\b|\bfetch first\b", re.IGNORECASE)
_BY_VALUE = re.compile(
    r"""(?P<column>[\w".]+)(?:\[\w*\])?\)? """
    r"(?:<=? ?\d|(?<![<>!])= ?(?:'|\d|%|:\w|\$\d|any ?\(? ?[%:])|in ?\( ?(?:'|\d|%|:))",
    re.IGNORECASE,
)
# What a column that identifies is called, where nobody has said that it is a key.
_IDENTIFIES = re.compile(r"(?:.*_)?(?:id|uid|uuid|key|slug|code|name|email|sku|version_num)", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each change that nothing limits to a batch."""
    for act in subject.old("update", "delete"):
        if act.action.table.startswith(("pg_", "information_schema")):
            continue
        is_all_deleted = act.action.kind == "delete" and "where" not in act.action.flags
        is_bound = "limited" in act.action.flags or _is_bound(act)
        if is_all_deleted or (is_bound and "looped" not in act.action.flags):
            continue
        yield _finding(act)
    for act in subject.old("insert"):
        if "select" in act.action.flags and not _is_bound(act):
            yield _copied(act)
    for line in subject.source.loops:
        yield Advice(
            severity=Severity.BLOCK,
            message="reads rows as a whole and writes them one by one, in the migration's transaction",
            consequence="every row that it has written stays locked until the last one is; the table may not fit "
            "into memory",
            fix="by key, a batch at a time, each committed by itself:\n"
            + alone("UPDATE … WHERE id IN (SELECT id FROM … WHERE … ORDER BY id LIMIT 1000)  -- until it changes none"),
            line=line,
        )


def _is_bound(act: Act) -> bool:
    """Return whether a condition leaves few rows: a batch, or the value of a column that identifies."""
    if _BOUND.search(act.action.text):
        return True
    keys = act.was.split() if act.was.startswith("keys") else None
    found = [match["column"].rpartition(".")[2].strip('"') for match in _BY_VALUE.finditer(act.action.text)]
    return any(not name.isdigit() and (keys is None or name in keys or _IDENTIFIES.fullmatch(name)) for name in found)


def _finding(act: Act) -> Advice:
    """Return the finding about one statement."""
    table, where = act.action.table, f"({act.action.text}) AND " if act.action.text else ""
    first = " ".join(re.split(r"(?i)\bwhere\b", " ".join(act.sql.split()))[0].split())
    what = "changes" if act.action.kind == "update" else "deletes"
    batch = f"{first} WHERE id IN (SELECT id FROM {table} WHERE {where}id > :last ORDER BY id LIMIT 1000)"
    return said(
        act,
        f"{what} rows of {table} in one go, however many there are",
        why="each row stays locked until the last one is done, and with DDL in the same transaction all of "
        f"{table}; it may "
        "run into statement_timeout",
        fix=f"in a data revision, until it changes none:\n{alone(batch)}",
    )


def _copied(act: Act) -> Advice:
    """Return the advice about rows that are copied."""
    return said(
        act,
        f"copies rows into {act.action.table} in one go, however many there are",
        why="it is one transaction: vacuum removes nothing meanwhile, and it may run into statement_timeout",
        fix="by key, a batch at a time, each committed by itself:\n"
        + alone(f"{' '.join(act.sql.split())[:160]} … WHERE id > :last ORDER BY id LIMIT 1000"),
        severity=Severity.ADVISE,
    )


RULE = Rule(reference="unbounded-data-change", check=check)
