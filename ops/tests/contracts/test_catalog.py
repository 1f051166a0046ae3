"""What a real database says of its own schema; nothing is changed, and nobody is waited for."""

from collections.abc import Iterator

import psycopg
import pytest

from gonogo import foresight, schema
from gonogo.adapters.catalog import SqlCatalog
from gonogo.model import (
    Census,
    Chain,
    Filled,
    Foreseen,
    LockMode,
    Manner,
    Migration,
    Place,
    Secret,
    Severity,
    Standing,
    Statement,
    TableSize,
)
from gonogo.testing import MemoryCatalog, Scene
from tests.contracts.databases import created, run
from tests.lint.samples import TODAY

USERS = "public.users"
AGE, NAME, ROWS = Place(relation=USERS, column="age"), Place(relation=USERS, column="name"), Place(relation=USERS)


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database with a table in use."""
    with created() as found:
        run(
            found,
            "CREATE TABLE users (id bigint PRIMARY KEY, age int, name text)",
            "INSERT INTO users SELECT i, CASE WHEN i % 4 = 0 THEN i END, 'n' FROM generate_series(1, 1000) i",
            "CREATE TABLE alembic_version (version_num varchar(32))",
            "INSERT INTO alembic_version VALUES ('r1')",
        )
        yield found


def catalog(url: str) -> SqlCatalog:
    """Return the catalog of a database."""
    return SqlCatalog(Secret("URL", url))


class TestCensus:
    """census: how big tables are, and what is in them."""

    def test_a_small_table_is_counted(self, url: str) -> None:
        """Exactly, and without statistics."""
        found = catalog(url).census([USERS, "public.gone"], [AGE, NAME, ROWS])
        assert found.sizes.keys() == {USERS}
        assert (found.sizes[USERS].rows, found.sizes[USERS].bytes > 0) == (1000, True)
        assert [(each.place, each.values, each.is_exact) for each in found.filled] == [
            (AGE, 250, True),
            (NAME, 1000, True),
            (ROWS, 1000, True),
        ]

    def test_a_place_that_is_not_there_is_left_out(self, url: str) -> None:
        """It is no place where values could be lost."""
        assert (
            catalog(url).census([], [Place(relation=USERS, column="zone"), Place(relation="public.gone")]) == Census()
        )

    def test_a_big_table_is_estimated(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """By PostgreSQL's own statistics, which cost nothing."""
        monkeypatch.setattr("gonogo.adapters.catalog._SMALL_BYTES", 0)
        run(url, "ANALYZE users")
        found = catalog(url).census([USERS], [AGE, ROWS])
        assert (found.sizes[USERS].rows, [each.is_exact for each in found.filled]) == (1000, [False, False])
        assert [each.values for each in found.filled] == [250, 1000]

    def test_a_table_that_somebody_locks_is_not_waited_for(self, url: str) -> None:
        """Its size is told by its pages, and its values by nobody."""
        with psycopg.connect(url) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            found = catalog(url).census([USERS], [AGE])
        assert USERS in found.sizes
        assert found.filled == (Filled(place=AGE, values=None),)

    def test_it_only_reads(self, url: str) -> None:
        """A sequence and a row stay as they are; the same again says the same."""
        assert catalog(url).census([USERS], [AGE]) == catalog(url).census([USERS], [AGE])


class TestStanding:
    """standing: what is half done, and who is in the way."""

    def test_an_empty_database_says_nothing(self) -> None:
        """No version, no finding."""
        with created() as found:
            standing = catalog(found).standing()
        assert (standing.versions, standing.invalid_indexes, standing.unvalidated, standing.runs) == ((), (), (), ())

    def test_everything_half_done_is_seen(self, url: str) -> None:
        """Two version rows, an index that a failed build left, a constraint that nobody validated."""
        run(
            url,
            "INSERT INTO alembic_version VALUES ('side')",
            "INSERT INTO users VALUES (1001, 1, 'n')",
            "ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 2) NOT VALID",
        )
        with psycopg.connect(url, autocommit=True) as connection, pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix ON users (name)")
        standing = catalog(url).standing()
        assert standing.versions == ("r1", "side")
        assert standing.invalid_indexes == (("public.ix", USERS),)
        assert standing.unvalidated == ((USERS, "grown"),)
        assert {"table public.users", "column public.users.age", "index public.ix"} <= standing.objects

    def test_an_open_transaction_is_seen_with_what_it_holds(self, url: str) -> None:
        """Its query is not told: it may hold data."""
        with psycopg.connect(url, application_name="report") as reader:
            reader.execute("SELECT 'secret-word' FROM users LIMIT 1")
            standing = catalog(url).standing()
        (session,) = [each for each in standing.sessions if each.application == "report"]
        assert (USERS, LockMode.ACCESS_SHARE) in session.holds
        assert session.state == "idle in transaction"
        assert "secret-word" not in str(standing)

    def test_what_the_runner_wrote_down_is_read(self, url: str) -> None:
        """Newest first; one without an end too."""
        run(
            url,
            "CREATE TABLE gonogo_migrations (id bigint, revision text, direction text, started_at timestamptz, "
            'finished_at timestamptz, attempts int, "by" text)',
            "INSERT INTO gonogo_migrations VALUES (1, 'r1', 'up', '2026-01-01', '2026-01-01 00:00:02', 1, 'ada@host'), "
            "(2, 'r2', 'up', '2026-01-02', NULL, 3, NULL)",
        )
        runs = catalog(url).standing().runs
        assert [(each.revision, each.direction, each.seconds, each.attempts, each.by) for each in runs] == [
            ("r2", "up", None, 3, ""),
            ("r1", "up", 2.0, 1, "ada@host"),
        ]

    def test_a_table_of_another_form_is_a_note(self, url: str) -> None:
        """The rest is told all the same."""
        run(url, "CREATE TABLE gonogo_migrations (revision text)")
        standing = catalog(url).standing()
        assert (standing.runs, standing.versions) == ((), ("r1",))
        assert "gonogo_migrations cannot be read" in standing.notes[0]


class TestHalfApplied:
    """A commit inside a revision, seen on a real database."""

    def test_what_was_applied_without_its_version_row_is_named(self, url: str) -> None:
        """The table is there, the row says the revision before."""
        sql = ("CREATE TABLE carts (id bigint)", "ALTER TABLE users ADD COLUMN zone text")
        run(url, sql[0])
        found = schema.problems(catalog(url).standing(), {"r1", "r2"}, [_foreseen(*sql)])
        assert [(each.rule, each.severity) for each in found] == [("half-applied", Severity.BLOCK)]
        assert "1 of 2 things that r2 makes are there already: table public.carts" in found[0].message
        run(url, sql[1])
        (whole,) = schema.problems(catalog(url).standing(), {"r1", "r2"}, [_foreseen(*sql)])
        assert "alembic stamp r2" in whole.hint

    def test_a_reader_is_in_the_way_of_what_locks_its_table(self, url: str) -> None:
        """And of nothing else."""
        with psycopg.connect(url) as reader:
            reader.execute("SELECT count(*) FROM users")
            standing = catalog(url).standing()
        (found,) = schema.in_the_way(standing, [_foreseen("ALTER TABLE users ADD COLUMN zone text")])
        assert "it holds public.users (ACCESS SHARE)" in found.message
        assert "pg_terminate_backend" in found.hint
        assert schema.in_the_way(standing, [_foreseen("CREATE INDEX ix ON users (age)")]) == ()


def test_the_fake_says_what_the_scene_says() -> None:
    """What is asked for, and nothing else."""
    scene = Scene(
        census=Census(
            sizes={USERS: TableSize(rows=1, bytes=1), "public.other": TableSize(rows=1, bytes=1)},
            filled=(Filled(place=AGE, values=1), Filled(place=NAME, values=1)),
        ),
        standing=Standing(unvalidated=((USERS, "grown"),)),
    )
    fake = MemoryCatalog(scene)
    found = fake.census([USERS], [AGE])
    assert ({*found.sizes}, [each.place for each in found.filled]) == ({USERS}, [AGE])
    assert (fake.standing().versions, fake.standing().unvalidated) == (("r1",), ((USERS, "grown"),))


def _foreseen(*statements: str) -> Foreseen:
    """Return what a revision behind r1 does."""
    source = "def downgrade():\n    pass\n"
    migration = Migration(
        id="r2",
        path="r2.py",
        source=source,
        statements=tuple(Statement(sql=each) for each in statements),
        manner=Manner.CAPTURED,
    )
    chain = Chain(migrations=(migration,), heads=("r2",))
    (revision,) = foresight.revisions_of(chain, ["r2"])
    (found,) = foresight.foresee_chain(chain, [revision], lambda scripts: tuple(() for _ in scripts), today=TODAY)
    return found
