"""What linting a history costs: the whole task beside Alembic's bare `--sql` and one run of squawk, cold and warm."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
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


def measure(*, rounds: int = _ROUNDS) -> dict[str, float]:
    """Return what lint takes, in seconds and beside what cannot be spared, by turns on one server that is up.

    Args:
        rounds: how often each is run.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        write(root)
        try:
            started = _timed(lambda: _lint(root, is_cold=True))
            pairs = [
                (
                    _timed(lambda: _bare(root)),
                    _timed(lambda: _lint(root, is_cold=True)),
                    _timed(lambda: _lint(root, is_cold=False)),
                )
                for _ in range(rounds)
            ]
        finally:
            postgres.stop(root / ".gonogo" / "lint" / "postgres")
    bare, cold, warm = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        f"lint of {_REVISIONS} revisions, first ever, s": started,
        f"lint of {_REVISIONS} revisions, bare, s": bare,
        f"lint of {_REVISIONS} revisions, cold, s": cold,
        f"lint of {_REVISIONS} revisions, warm, s": warm,
        f"lint of {_REVISIONS} revisions / bare": statistics.median(second / first for first, second, _ in pairs),
        f"lint of {_REVISIONS} revisions again / bare": statistics.median(third / first for first, _, third in pairs),
    }


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
        lines = _CHANGES[number % len(_CHANGES)]
        up = "\n".join(f"    {line}".format(number=number, table=number // len(_CHANGES)) for line in lines)
        parent = f"r{number - 1:04}" if number else None
        text = _REVISION.format(number=number, parent=parent, up=up)
        (versions / f"r{number:04}_change.py").write_text(text)


def _bare(root: Path) -> None:
    """Render the whole history with Alembic alone, and let squawk read it."""
    sql = _run(root, (sys.executable, "-m", "alembic", "upgrade", "head", "--sql"))
    (root / "history.sql").write_bytes(sql)
    _run(root, (str(Path(sys.executable).with_name("squawk")), "--reporter=json", "history.sql"))


def _lint(root: Path, *, is_cold: bool) -> None:
    """Lint the whole history as a person would; cold is with nothing remembered of it."""
    for kept in ("captures", "findings") if is_cold else ():
        shutil.rmtree(root / ".gonogo" / "lint" / kept, ignore_errors=True)
    _run(root, (sys.executable, "-m", "invoke", "migrate.lint", "--all", "--json"))


def _run(root: Path, command: Sequence[str]) -> bytes:
    """Run a program and return what it prints; an exit code says that something was found, which is wanted here."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'ops'}", "DATABASE_URL": "postgresql+psycopg://nowhere.invalid/x"}
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"{command[0]} printed nothing: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout


def _timed(call: Callable[[], None]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
