"""A trial with everything that a page can show: a long lock, a short one, stalls, rewrites, a failure, a stair."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gonogo.model import (
    Backup,
    Climb,
    Climbed,
    Finding,
    Hold,
    LockMode,
    Lost,
    Outlived,
    Rehearsed,
    Revision,
    Rewrite,
    Severity,
    Stall,
    Traced,
    Trial,
)

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def _hold(relation: str, mode: LockMode, began: float, ended: float, statement: str = "ALTER TABLE …") -> Hold:
    """Return a lock."""
    return Hold(relation=relation, mode=mode, began_s=began, ended_s=ended, statement=statement, line=12)


REVISIONS = tuple(
    Revision(id=name, title=title, kind=kind, reversible=True, path=f"versions/{name}.py")
    for name, title, kind in (
        ("0008", "Index orders by user", "expand"),
        ("0009", "Widen users.email", "expand"),
        ("0010", "Drop users.age", "contract"),
    )
)
TRIAL = Trial(
    at=AT,
    backup="20261121T030000Z",
    server_version="18.4",
    database_bytes=228_000_000,
    traced=(
        Traced(
            revision="0008",
            seconds=0.61,
            holds=(
                _hold("public.orders", LockMode.SHARE, 0.02, 0.586, "CREATE INDEX ix_orders_user ON orders (user_id)"),
                _hold("public.users", LockMode.ACCESS_SHARE, 0.01, 0.6),
            ),
            stalls=(Stall(relation="public.orders", need="write", sessions=2, longest_s=0.55),),
            growth_bytes=12_300_000,
        ),
        Traced(
            revision="0009",
            seconds=0.004,
            holds=(_hold("public.users", LockMode.ACCESS_EXCLUSIVE, 0.001, 0.0018),),
        ),
        Traced(
            revision="0010",
            seconds=1.4,
            holds=(
                _hold("public.users", LockMode.ACCESS_EXCLUSIVE, 0.1, 1.35),
                _hold("billing.invoices_with_a_long_name", LockMode.SHARE_ROW_EXCLUSIVE, 0.4, 1.38),
            ),
            stalls=(Stall(relation="public.users", need="read", sessions=3, longest_s=1.2),),
            rewrites=(Rewrite(relation="public.users", bytes=88_000_000),),
            growth_bytes=-4_000_000,
        ),
    ),
    climbed=(
        Climbed(
            revision="0010",
            climb=Climb.LEAVES_TRACES,
            differences=("column users.age is bigint, was integer",),
            lost_up=(Lost(relation="public.users", column="age", values=12_345),),
        ),
        Climbed(revision="0009", climb=Climb.OK),
        Climbed(revision="0008", climb=Climb.OK),
    ),
    outlived=Outlived(commit="4" * 40, runs=False, failed=("GET /users/{id}: column users.age does not exist",)),
    notes=("the scratch server is PostgreSQL 18, the target's is 16: times and locks may differ",),
)
BACKUP = Backup(
    dump=Path("20261121T030000Z/dump"),
    manifest=Path("20261121T030000Z/manifest.json"),
    sha256="d" * 64,
    size_bytes=44_000_000,
    server_version="18.3",
    schema_revision="0007",
    row_counts={"public.users": 300_010},
    taken_at=AT - timedelta(hours=6),
)


def rehearsed() -> Rehearsed:
    """Return a rehearsal that ends as a no-go."""
    stops = Finding(
        rule="trial-stops-reads",
        severity=Severity.BLOCK,
        message="0010 (versions/0010.py:12), holds ACCESS EXCLUSIVE on public.users for 1.2 s; the budget is 1.0 s",
        hint="the safe form: invoke migrate.lint --revision 0010",
    )
    cleared = Finding(rule="index-not-concurrent", severity=Severity.INFO, message="0008, cleared", hint="")
    return Rehearsed(
        at=AT,
        environment="prod",
        start="0007",
        revisions=REVISIONS,
        trial=TRIAL,
        findings={"": (), "0008": (cleared,), "0009": (), "0010": (stops,)},
        backup=BACKUP,
        notes=("the database is past 0007, at which the backup is: what lies between is tried, too",),
    )
