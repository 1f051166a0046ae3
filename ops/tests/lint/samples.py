"""Revisions for rules to read, made from SQL."""

from collections.abc import Sequence
from datetime import date

from gonogo import lint
from gonogo.model import Chain, LintFinding, Manner, Migration, Severity, Statement

TODAY = date(2026, 11, 21)
# What stands there before: tables in use.
BEFORE = """
CREATE TYPE plan AS ENUM ('free', 'pro');
CREATE TABLE users (
    id bigint PRIMARY KEY, email varchar(100), name text, age integer, payload json,
    CONSTRAINT email_there CHECK (email IS NOT NULL)
);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total numeric(10, 2), note varchar(50), at timestamp);
CREATE INDEX ix_orders_at ON orders (at);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint);
CREATE TABLE events (at date) PARTITION BY RANGE (at);
CREATE TABLE events_2025 (at date);
CREATE TABLE events_2026 (at date, CONSTRAINT bounds CHECK (at >= '2026-01-01' AND at < '2027-01-01'));
CREATE VIEW people AS SELECT id FROM users;
CREATE FUNCTION touch() RETURNS integer LANGUAGE sql AS 'SELECT 1';
"""
DOWNGRADE = """

def downgrade() -> None:
    op.execute("SELECT 1")
"""


def migration(
    *statements: str | Statement, source: str = "", name: str = "r2", downgrade: str = DOWNGRADE, **more: object
) -> Migration:
    """Return a revision that sends some statements in its transaction."""
    sent = tuple(each if isinstance(each, Statement) else Statement(sql=each, line=7) for each in statements)
    return Migration(
        id=name,
        path=f"versions/{name}.py",
        source=source + downgrade,
        parents=("r1",),
        statements=sent,
        manner=Manner.CAPTURED,
        **more,  # type: ignore[arg-type]  # the test names a field
    )


def alone(sql: str) -> Statement:
    """Return a statement that commits by itself."""
    return Statement(sql=sql, line=9, transaction=None)


def found(looked_at: Migration, *, packages: frozenset[str] | None = None) -> tuple[LintFinding, ...]:
    """Return everything that is found in a revision behind the one that made the tables."""
    first = Migration(id="r1", path="r1.py", source="", statements=(Statement(sql=BEFORE),), manner=Manner.CAPTURED)
    chain = Chain(migrations=(first, looked_at), heads=(looked_at.id,), packages=packages)
    (subject,) = lint.subjects(chain, today=TODAY, wanted=[looked_at.id])
    return lint.judge(subject)


def blocked(*statements: str | Statement, source: str = "", **more: object) -> set[str]:
    """Return the rules that stop a revision."""
    findings = found(migration(*statements, source=source, **more))  # type: ignore[arg-type]  # as above
    return {each.reference for each in findings if each.severity is Severity.BLOCK}


def fixes(reference: str, *statements: str | Statement, source: str = "") -> str:
    """Return what a rule would have written instead."""
    findings: Sequence[LintFinding] = found(migration(*statements, source=source))
    return "\n".join(each.fix for each in findings if each.reference == reference)
