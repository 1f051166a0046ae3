"""Generated histories of others: hundreds of revisions of mixed shapes, of which it is known what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lint.foreign import ENGINE, revision, write

# Its own schema for the version table, a variable that it demands, one transaction for each revision.
_ENV = (
    ENGINE
    + """
import os

engine = create_engine(os.environ["LEDGER_DSN"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=None, transaction_per_migration=True, version_table="ledger_version"
    )
    with context.begin_transaction():
        context.run_migrations()
"""
)
_INI = """
[alembic]
script_location = %(here)s/history
version_locations = %(here)s/history/core %(here)s/history/side
path_separator = space
"""
_TOML = """
[commands]
migrations = "db/ledger.ini"
[lint]
environment = { LEDGER_DSN = "postgresql+psycopg://somebody@db.invalid/ledger" }
"""
_TABLE = (
    'op.create_table("t{n}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()), '
    'sa.Column("email", sa.Text()))'
)
_TIMEOUT = "op.execute(\"SET LOCAL lock_timeout = '2s'\")"
_CONCURRENTLY = """with op.get_context().autocommit_block():
        op.create_index("jx{n}", "t{n}", ["email"], postgresql_concurrently=True)"""
# By what remains: what a revision does to the table of its ten, how back, and the rule that blocks it.
_SHAPES: Mapping[int, tuple[str, str, str]] = {
    1: ('op.add_column("t{n}", sa.Column("note", sa.Text()))', 'op.drop_column("t{n}", "note")', ""),
    2: ('op.create_index("ix{n}", "t{n}", ["name"])', 'op.drop_index("ix{n}")', "index-not-concurrent"),
    3: ("op.execute(\"CREATE TYPE mood{n} AS ENUM ('sad', 'glad')\")", 'op.execute("DROP TYPE mood{n}")', ""),
    4: ('op.execute("UPDATE t{n} SET name = lower(name)")', "pass", "unbounded-data-change"),
    5: (
        _CONCURRENTLY,
        'op.drop_index("jx{n}")',
        "",
    ),
    6: (
        'with op.batch_alter_table("t{n}") as batch:\n        batch.drop_column("note")',
        'op.add_column("t{n}", sa.Column("note", sa.Text()))',
        "drop-column",
    ),
    7: (
        'op.execute("CREATE EXTENSION IF NOT EXISTS citext"); op.add_column("t{n}", sa.Column("tag", CITEXT()))',
        'op.drop_column("t{n}", "tag")',
        "",
    ),
}


@dataclass(frozen=True, kw_only=True)
class History:
    """What was written.

    Attributes:
        ids: every revision, oldest first.
        planted: the rule that blocks, by the revision that it blocks.
        parents: what each stands on.
    """

    ids: list[str] = field(default_factory=list)
    planted: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)


def generate(root: Path, count: int) -> History:
    """Write a project with a history of so many revisions and a merge; each ten have a table, a branch and its merge.

    The branch lies in a folder of its own: revisions 8 and 9 of ten stand on the same one, and the next ten on both.
    """
    made = History()
    parent: tuple[str, ...] = ()
    files: dict[str, str] = {"gonogo.toml": _TOML, "db/ledger.ini": _INI, "db/history/env.py": _ENV}
    for ten in range(count // 10):
        parent = _ten(made, files, ten, parent)
    _add(made, files, "r9999", parent, ("pass", "pass"), "core")
    write(root, files)
    return made


def _ten(made: History, files: dict[str, str], ten: int, parent: tuple[str, ...]) -> tuple[str, ...]:
    """Add ten revisions, and return what the next stand on."""
    for step in range(8):
        name = f"r{ten:04}{step}"
        up, down, rule = _SHAPES.get(step, (_TABLE, 'op.drop_table("t{n}")', ""))
        _add(made, files, name, parent, (up.format(n=ten), down.format(n=ten)), "core")
        if rule:
            made.planted[name] = rule
        parent = (name,)
    sides = []
    for step, folder in ((8, "core"), (9, "side")):
        name, column = f"r{ten:04}{step}", f'"c{step}"'
        up, down = f'op.add_column("t{ten}", sa.Column({column}, sa.Integer()))', f'op.drop_column("t{ten}", {column})'
        _add(made, files, name, parent, (up, down), folder)
        sides.append(name)
    return tuple(sides)


def _add(  # noqa: PLR0917  # all that is in a file
    made: History,
    files: dict[str, str],
    name: str,
    parents: tuple[str, ...],
    ways: tuple[str, str],
    folder: str,
) -> None:
    """Add one revision."""
    up, down = ways
    parent = parents if parents[1:] else next(iter(parents), None)
    imports = "from sqlalchemy.dialects.postgresql import CITEXT\n" if "CITEXT" in up else ""
    text = revision(name, parent, _TIMEOUT, up, imports=imports)
    files[f"db/history/{folder}/{name}_generated.py"] = text.replace('op.execute("SELECT 1")', down)
    made.ids.append(name)
    made.parents[name] = parents
