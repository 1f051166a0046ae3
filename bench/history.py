"""What a long history costs: plan and lint beside Alembic's bare `--sql` and one run of squawk, cold and warm."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.servers import ROOT
from gonogo.local import postgres

_REVISIONS = 500
_ROUNDS = 5
_ENV = """
import os

from alembic import context
from sqlalchemy import create_engine, pool

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
"""
_REVISION = '''"""Change {number}."""

import sqlalchemy as sa
from alembic import op

revision = "r{number:04}"
down_revision = {parent!r}
kind = "expand"


def upgrade() -> None:
{up}


def downgrade() -> None:
    op.execute("SELECT 1")
'''
# What histories are made of, by turns: a table, columns on it, an index of each sort, data, SQL by hand.
_CHANGES: tuple[tuple[str, ...], ...] = (
    (
        'op.create_table("t{table}", sa.Column("id", sa.BigInteger(), primary_key=True),',
        '    sa.Column("name", sa.String(80), nullable=False, server_default=""), sa.Column("at", sa.DateTime()))',
    ),
    ('op.add_column("t{table}", sa.Column("c{number}", sa.Text(), nullable=True))',),
    (
        "with op.get_context().autocommit_block():",
        '    op.create_index("ix{number}", "t{table}", ["name"], postgresql_concurrently=True)',
    ),
    ("op.execute(\"UPDATE t{table} SET name = 'x' WHERE id = {number}\")",),
    ('op.alter_column("t{table}", "name", existing_type=sa.String(80), type_=sa.String(100))',),
    (
        'op.execute("ALTER TABLE t{table} ADD CONSTRAINT k{number} CHECK (id > 0) NOT VALID")',
        'op.create_index("iy{number}", "t{table}", ["at"])',
    ),
    (
        'op.execute("""CREATE FUNCTION f{number}() RETURNS integer LANGUAGE sql',
        '    SET search_path = \'\' AS $$ SELECT count(*)::integer FROM public.t{table} $$""")',
    ),
    ('op.create_foreign_key("fk{number}", "t{table}", "t{table}", ["id"], ["id"], postgresql_not_valid=True)',),
    ('op.drop_column("t{table}", "at")', 'op.add_column("t{table}", sa.Column("at", sa.DateTime()))'),
    ('op.execute("GRANT SELECT ON t{table} TO CURRENT_USER")', "op.execute(\"COMMENT ON TABLE t{table} IS 'n'\")"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cost:
    """What some commands took.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of processors, of the commands and all that they started; a server that runs on is none of them.
    """

    wall: float
    cpu: float

    def __add__(self, other: "_Cost") -> "_Cost":
        """Return what both took, one after the other."""
        return _Cost(wall=self.wall + other.wall, cpu=self.cpu + other.cpu)


def measure(*, rounds: int = _ROUNDS) -> dict[str, float]:
    """Return what `migrate.plan` and `migrate.lint` of a long history take, beside what cannot be spared.

    Whole processes, as a person runs them, in alternating rounds, with the scratch server up; medians are told.

    - bare: `alembic upgrade head --sql`, and squawk once over what it wrote.
    - cold: plan and then lint of everything, with nothing remembered of the history.
    - one more: the same, once a revision was added.
    - again: the same, once nothing has changed.

    Args:
        rounds: how often each is run.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        write(root)
        try:
            _bare(root)  # compiles the revisions, where Python may keep that
            first = _both(root)
            turns = [_turn(root, number) for number in range(rounds)]
        finally:
            postgres.stop(root / ".gonogo" / "lint" / "postgres")
    figures = {f"plan + lint of {_REVISIONS} revisions, first ever, s": first.wall}
    for name in ("bare", "cold", "one more", "again"):
        for unit in ("wall", "cpu"):
            taken = statistics.median(getattr(turn[name], unit) for turn in turns)
            figures[f"plan + lint of {_REVISIONS} revisions, {name}, {unit} s"] = taken
    for name in ("cold", "one more", "again"):
        for unit in ("wall", "cpu"):
            ratios = [getattr(turn[name], unit) / getattr(turn["bare"], unit) for turn in turns]
            figures[f"plan + lint of {_REVISIONS} revisions, {name} / bare, {unit}"] = statistics.median(ratios)
    return figures


def _turn(root: Path, number: int) -> dict[str, _Cost]:
    """Return what each took, in a round of all of them."""
    bare = _bare(root)
    _forget(root)
    cold = _both(root)
    _add(root, _REVISIONS + number)
    more = _both(root)
    return {"bare": bare, "cold": cold, "one more": more, "again": _both(root)}


def write(root: Path) -> None:
    """Write a project of many revisions.

    Args:
        root: its folder.
    """
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    (root / "gonogo.toml").write_text('[project]\nname = "long-history"\n')
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (root / "migrations" / "env.py").write_text(_ENV)
    for number in range(_REVISIONS):
        _add(root, number)


def _add(root: Path, number: int) -> None:
    """Write one more revision."""
    lines = _CHANGES[number % len(_CHANGES)]
    up = "\n".join(f"    {line}".format(number=number, table=number // len(_CHANGES)) for line in lines)
    parent = f"r{number - 1:04}" if number else None
    text = _REVISION.format(number=number, parent=parent, up=up)
    (root / "migrations" / "versions" / f"r{number:04}_change.py").write_text(text)


def _forget(root: Path) -> None:
    """Forget all of the history."""
    for kept in ("captures", "judged"):
        shutil.rmtree(root / ".gonogo" / "lint" / kept, ignore_errors=True)


def _bare(root: Path) -> _Cost:
    """Render the whole history with Alembic alone, and let squawk read it."""
    rendered = _timed(root, (sys.executable, "-m", "alembic", "upgrade", "head", "--sql"), into="history.sql")
    squawk = (str(Path(sys.executable).with_name("squawk")), "--reporter=json", "history.sql")
    return rendered + _timed(root, squawk)


def _both(root: Path) -> _Cost:
    """Plan and lint the whole history."""
    invoke = (sys.executable, "-m", "invoke")
    plan, lint = (_timed(root, (*invoke, f"migrate.{task}", "--all", "--json")) for task in ("plan", "lint"))
    return plan + lint


def _timed(root: Path, command: Sequence[str], *, into: str = "") -> _Cost:
    """Return what a program takes; what it prints may be kept in a file."""
    began, before = time.perf_counter(), _of_children()
    printed = _run(root, command)
    cost = _Cost(wall=time.perf_counter() - began, cpu=_of_children() - before)
    if into:
        (root / into).write_bytes(printed)
    return cost


def _of_children() -> float:
    """Return the processor time that ended children have taken, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(root: Path, command: Sequence[str]) -> bytes:
    """Run a program and return what it prints; an exit code says that something was found, which is wanted here."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'ops'}", "DATABASE_URL": "postgresql+psycopg://nowhere.invalid/x"}
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"{command[0]} printed nothing: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout
