"""Indexes that are built beside everybody: without limits, and never left INVALID."""

import pytest
from sqlalchemy.exc import DBAPIError

from gonogo_migrator import MigratorError
from tests.migrator.projects import BLOCK, Project

UNIQUE = f'{BLOCK}op.execute("CREATE UNIQUE INDEX CONCURRENTLY {{}}things_name ON things (name)")'


@pytest.mark.parametrize("tolerant", ["", "IF NOT EXISTS "])
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_what_a_failed_build_left_is_built_again(project: Project, driver: str, tolerant: str) -> None:
    """Behind IF NOT EXISTS too, which would have taken it as it is."""
    project.driver = driver
    project.add(UNIQUE.format(tolerant))
    with pytest.raises(DBAPIError, match="things_name") as caught:
        project.upgrade()
    assert (project.version, project.invalid) == (None, 1)
    assert "leaving the INVALID index public.things_name" in caught.value.__notes__[0]
    project.do("DELETE FROM things WHERE id = 3")

    project.upgrade()

    assert (project.version, project.invalid) == ("r1", 0)
    assert project.one("SELECT indisunique FROM pg_index WHERE indexrelid = 'things_name'::regclass") is True


def test_an_index_of_that_name_that_is_whole_is_left_alone(project: Project) -> None:
    """It is not ours to drop."""
    project.do("CREATE INDEX things_name ON things (id)")
    before = project.one("SELECT 'things_name'::regclass::oid")
    project.add(UNIQUE.format(""))

    for _ in range(2):
        with pytest.raises(DBAPIError, match="already exists"):
            project.upgrade()

    assert project.one("SELECT 'things_name'::regclass::oid") == before


def test_what_a_broken_run_had_built_is_built_again(project: Project) -> None:
    """The first of two indexes was whole when the second failed: the next run begins with the first."""
    first = 'op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")'
    project.add(f"{BLOCK}{first}\n        {UNIQUE.format('').removeprefix(BLOCK)}")
    with pytest.raises(DBAPIError):
        project.upgrade()
    project.do("DELETE FROM things WHERE id = 3")

    project.upgrade()

    assert (project.version, project.invalid) == ("r1", 0)
    assert project.one("SELECT count(*) FROM gonogo_migrations WHERE finished_at IS NOT NULL") == 1


def test_a_build_waits_as_long_as_it_must(project: Project) -> None:
    """Longer than any limit of other statements: it keeps nobody waiting."""
    project.add(f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")')

    limits = {"lock_timeout_ms": 100, "statement_timeout_ms": 500}
    with project.blocked("INSERT INTO things VALUES (4)") as writer, project.upgrading(**limits) as running:
        project.until(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
            " AND datname = current_database() AND clock_timestamp() - query_start > '1 second')"
        )
        writer.commit()
        running.result()

    assert (project.version, project.invalid) == ("r1", 0)


def test_other_statements_of_a_block_keep_their_limits(project: Project) -> None:
    """Whoever reads would queue behind them; those behind a build have them again."""
    build = 'op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")'
    project.do("CREATE TABLE other ()")
    project.add(f'{BLOCK}{build}\n        op.execute("ALTER TABLE other ADD COLUMN size int")')

    with project.blocked("LOCK TABLE other"), pytest.raises(MigratorError, match="lock timeout"):
        project.upgrade(lock_timeout_ms=100)

    assert project.version is None


def test_a_revision_that_hides_a_failed_build_is_not_applied(project: Project) -> None:
    """An INVALID index behind a version row would never be looked at again."""
    project.add(
        "try:\n"
        "        with op.get_context().autocommit_block():\n"
        '            op.execute("CREATE UNIQUE INDEX CONCURRENTLY things_name ON things (name)")\n'
        "    except Exception:\n"
        "        pass"
    )

    with pytest.raises(MigratorError, match=r"r1 leaves the INVALID index public\.things_name"):
        project.upgrade()

    assert project.version is None


def test_an_index_of_a_partitioned_table_may_wait_for_its_parts(project: Project) -> None:
    """ON ONLY leaves it INVALID until they are attached, as PostgreSQL's documentation recommends."""
    project.do("CREATE TABLE parts (id int) PARTITION BY RANGE (id)", "CREATE TABLE part PARTITION OF parts DEFAULT")
    project.add('op.execute("CREATE INDEX parts_id ON ONLY parts (id)")')

    project.upgrade()

    assert (project.version, project.invalid) == ("r1", 1)
