"""The port Migrations: a real Alembic chain against a real database; and what squawk says."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from gonogo.adapters.migrations import AlembicMigrations
from gonogo.errors import LockTimeoutError, RefusedError
from gonogo.model import Checkout, Limits, Secret
from gonogo.protocols import Migrations
from gonogo.testing import MemoryMigrations, Scene, config, revision
from tests.contracts import databases

pytestmark = pytest.mark.contracts

INI = "[alembic]\nscript_location = %(here)s/migrations\n"
# What the toolkit asks of a project's env.py: one transaction per revision, timeouts, one line and 75 for a lock.
ENV = """
import os
import sys

from alembic import context
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

timeout = os.environ["MIGRATION_LOCK_TIMEOUT_MS"]
if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": f"-c lock_timeout={timeout}"})
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
    except DBAPIError as error:
        print(str(error.orig).splitlines()[0], file=sys.stderr)
        sys.exit(75 if getattr(error.orig, "sqlstate", "") == "55P03" else 1)
"""
REVISION = '''"""{name}."""

from alembic import op

revision = "{name}"
down_revision = {before!r}
kind = "{kind}"
reversible = {reversible}


def upgrade() -> None:
    op.execute("{up}")


def downgrade() -> None:
    op.execute("{down}")
'''


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A database at r1 and a checkout with r2 and r3, the last of which fails.

    Attributes:
        schema: returns the revision that the database is at.
        blocked: holds a lock that r2 needs.
    """

    migrations: Migrations
    checkout: Checkout
    schema: Callable[[], object]
    blocked: Callable[[], AbstractContextManager[None]]


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database at r1."""
    with databases.created() as url:
        databases.run(
            url,
            "CREATE TABLE things (id int)",
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('r1')",
        )
        yield url


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout of three migrations."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text(INI)
    (tmp_path / "migrations" / "env.py").write_text(ENV)
    for name, before, kind, up, down in (
        ("r1", None, "expand", "CREATE TABLE things (id int)", "DROP TABLE things"),
        ("r2", "r1", "expand", "ALTER TABLE things ADD COLUMN name text", "ALTER TABLE things DROP COLUMN name"),
        ("r3", "r2", "contract", "CREATE TABLE things (id int)", "SELECT 1"),
    ):
        words = {"name": name, "before": before, "kind": kind, "reversible": kind == "expand", "up": up, "down": down}
        (versions / f"{name}.py").write_text(REVISION.format_map(words))
    return Checkout(commit="c" * 40, path=tmp_path, python=Path(sys.executable))


@pytest.fixture
def real(url: str) -> AlembicMigrations:
    """Return Alembic behind the port."""
    commands = replace(config().commands, migrate=("{python}", "-m", "alembic", "-c", "alembic.ini"))
    return AlembicMigrations(commands, database_url=Secret("DATABASE_URL", url), limits=Limits(lock_timeout_ms=50))


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Return migrations."""
    if request.param == "real":
        url: str = request.getfixturevalue("url")
        return Bench(
            migrations=request.getfixturevalue("real"),
            checkout=request.getfixturevalue("checkout"),
            schema=lambda: databases.one(url, "SELECT version_num FROM alembic_version"),
            blocked=lambda: _locked(url),
        )
    pending = (revision("r2"), revision("r3", kind="contract", reversible=False))
    scene = Scene(pending=pending, broken_revision="r3")
    return Bench(
        migrations=MemoryMigrations(scene),
        checkout=Checkout(commit="c" * 40, path=scene.root, python=Path("python")),
        schema=lambda: scene.schema,
        blocked=lambda: _timeouts(scene),
    )


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Keep a table from being changed."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE things IN ACCESS SHARE MODE")
        yield


@contextmanager
def _timeouts(scene: Scene) -> Iterator[None]:
    """Let one migration meet a lock."""
    scene.lock_timeouts = 1
    yield
    scene.lock_timeouts = 0


class TestHistory:
    """What a checkout's migrations say."""

    def test_it_is_ordered_oldest_first(self, bench: Bench) -> None:
        """Up to its one head."""
        history = bench.migrations.history(bench.checkout)

        assert (history.order, history.heads) == (("r1", "r2", "r3"), ("r3",))

    def test_each_revision_says_what_it_is(self, bench: Bench) -> None:
        """Its kind, and whether it may be taken back."""
        revisions = bench.migrations.history(bench.checkout).revisions

        kinds = [(each.kind, each.reversible) for each in revisions]
        assert kinds == [("expand", True), ("expand", True), ("contract", False)]

    def test_what_is_pending_comes_after_a_revision(self, bench: Bench) -> None:
        """Oldest first."""
        history = bench.migrations.history(bench.checkout)

        assert [each.id for each in history.after("r1")] == ["r2", "r3"]


class TestRun:
    """upgrade, downgrade."""

    def test_upgrade_goes_to_the_revision_and_no_further(self, bench: Bench) -> None:
        """Each in its own transaction."""
        bench.migrations.upgrade(bench.checkout, "r2")

        assert bench.schema() == "r2"

    def test_downgrade_goes_back(self, bench: Bench) -> None:
        """To the revision that is named."""
        bench.migrations.upgrade(bench.checkout, "r2")

        bench.migrations.downgrade(bench.checkout, "r1")

        assert bench.schema() == "r1"

    def test_a_failing_migration_leaves_those_before_it(self, bench: Bench) -> None:
        """It is refused in the database's own words, and its own transaction is undone."""
        with pytest.raises(RefusedError, match="exists") as caught:
            bench.migrations.upgrade(bench.checkout, "r3")

        assert not isinstance(caught.value, LockTimeoutError)
        assert bench.schema() == "r2"

    def test_a_lock_that_is_not_to_be_had_is_told_apart(self, bench: Bench) -> None:
        """It may be tried again; nothing was applied."""
        with bench.blocked(), pytest.raises(LockTimeoutError, match="lock timeout"):
            bench.migrations.upgrade(bench.checkout, "r2")

        assert bench.schema() == "r1"


class TestAlembic:
    """What only Alembic shows."""

    def test_downgrade_to_none_is_the_empty_schema(self, url: str, real: AlembicMigrations, checkout: Checkout) -> None:
        """Not even the first revision is left."""
        real.downgrade(checkout, None)

        assert databases.one(url, "SELECT version_num FROM alembic_version") is None

    def test_an_unknown_revision_is_refused(self, real: AlembicMigrations, checkout: Checkout) -> None:
        """It is named."""
        with pytest.raises(RefusedError, match="nowhere"):
            real.upgrade(checkout, "nowhere")

    def test_a_failing_downgrade_is_refused(self, url: str, real: AlembicMigrations, checkout: Checkout) -> None:
        """In the database's own words."""
        databases.run(url, "ALTER TABLE things RENAME TO gone")

        with pytest.raises(RefusedError, match='the downgrade failed: table "things" does not exist'):
            real.downgrade(checkout, None)

    def test_history_names_files_from_the_checkouts_root(self, real: AlembicMigrations, checkout: Checkout) -> None:
        """So that findings can be looked up."""
        first = real.history(checkout).revisions[0]

        assert (first.path, first.title) == ("migrations/versions/r1.py", "r1.")

    def test_a_migration_that_says_nothing_is_of_unknown_kind(
        self, real: AlembicMigrations, checkout: Checkout
    ) -> None:
        """And is not taken to be reversible."""
        path = checkout.path / "migrations" / "versions" / "r3.py"
        path.write_text(path.read_text().replace("kind =", "sort =").replace("reversible =", "back ="))

        last = real.history(checkout).revisions[-1]

        assert (last.kind, last.reversible) == ("unknown", False)

    def test_a_text_is_no_declaration(self, real: AlembicMigrations, checkout: Checkout) -> None:
        """`"False"` is true to Python, and a rollback would run what nobody has promised."""
        path = checkout.path / real.history(checkout).revisions[-1].path
        lines = (line for line in path.read_text().splitlines() if not line.startswith("reversible"))
        path.write_text("\n".join(["reversible = 'False'", *lines]))

        assert real.history(checkout).revisions[-1].reversible is False


class TestSquawk:
    """What squawk says of each revision's SQL."""

    def test_each_script_has_its_own_answer(self, real: AlembicMigrations) -> None:
        """A file for each: what one makes is not new in the next."""
        first, second, third = real.squawk(
            ["CREATE TABLE t (id bigint);", "", "BEGIN;\nALTER TABLE t RENAME COLUMN a TO b;\nCOMMIT;"]
        )

        assert (first, second) == ((), ())
        assert [(each.rule, each.line) for each in third] == [("renaming-column", 2)]

    def test_what_the_runner_sees_to_is_not_said(self, real: AlembicMigrations) -> None:
        """Timeouts and style."""
        assert real.squawk(["ALTER TABLE t ADD COLUMN a varchar(20);"]) == ((),)


class TestChain:
    """What each revision sends."""

    def test_it_is_captured_on_a_scratch_database(self, url: str, checkout: Checkout) -> None:
        """As it was sent, with its line; the environment's own database is left alone."""
        (checkout.path / "migrations" / "versions" / "r3.py").unlink()
        commands = replace(config().commands, migrate=("{python}", "-m", "alembic", "-c", "alembic.ini"))
        secret = Secret("DATABASE_URL", url)
        migrations = AlembicMigrations(
            replace(commands, migrations="alembic.ini"), database_url=secret, limits=Limits(), scratch_url=secret
        )

        chain = migrations.chain(checkout)

        assert [(each.id, each.manner.value, each.parents) for each in chain.migrations] == [
            ("r1", "captured", ()),
            ("r2", "captured", ("r1",)),
        ]
        assert [(each.sql, each.line) for each in chain.migrations[1].statements] == [
            ("ALTER TABLE things ADD COLUMN name text", 12)
        ]
        assert databases.one(url, "SELECT version_num FROM alembic_version") == "r1"

    def test_without_a_scratch_server_it_is_rendered(self, real: AlembicMigrations, checkout: Checkout) -> None:
        """And says so."""
        chain = real.chain(checkout)

        assert {each.manner.value for each in chain.migrations} == {"rendered"}
        assert chain.migrations[0].statements[0].sql == "CREATE TABLE things (id int)"
