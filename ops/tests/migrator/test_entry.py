"""Two lines in env.py, whatever the project has: a URL, an engine of either kind, a connection, a script to write."""

import io

import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from gonogo_migrator import MigratorError, Settings
from tests.migrator.projects import BLOCK, Project, ended, last

ADD = 'op.execute("ALTER TABLE things ADD COLUMN size int")'


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_an_engine_will_do(project: Project, driver: str) -> None:
    """With what it was made with."""
    project.driver = driver
    project.add(ADD)

    project.upgrade(target=create_engine(project.address, poolclass=NullPool))

    assert project.version == "r1"


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_an_asynchronous_engine_will_do(project: Project, driver: str) -> None:
    """The loop is the runner's."""
    project.driver = driver
    project.add(ADD)

    project.upgrade(target=create_async_engine(project.address, poolclass=NullPool))

    assert project.version == "r1"


async def test_it_runs_inside_a_running_loop(project: Project) -> None:
    """A program may call Alembic from anywhere."""
    project.driver = "asyncpg"
    project.add(ADD)

    project.upgrade()

    assert project.version == "r1"


def test_a_connection_will_do(project: Project) -> None:
    """As tools that test migrations hand it over."""
    project.add(ADD)

    with create_engine(project.address, poolclass=NullPool).connect() as connection:
        project.upgrade(target=connection)

    assert project.version == "r1"


def test_a_callers_transaction_stays_the_callers(project: Project) -> None:
    """What it rolls back is rolled back."""
    project.add(ADD)

    with create_engine(project.address, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT 1"))
        project.upgrade(target=connection)
        connection.rollback()

    assert project.version is None


def test_a_session_has_its_limits_and_each_revision_anew(project: Project) -> None:
    """Whatever the one before has set."""
    keep = "op.execute(\"INSERT INTO things (name) SELECT current_setting('lock_timeout')\")"
    project.add(f"{keep}\n    op.execute(\"SET lock_timeout = '7min'\")")
    project.add(keep)
    project.do("TRUNCATE things")

    project.upgrade(lock_timeout_ms=1234)

    assert project.one("SELECT array_agg(name) FROM things") == ["1234ms", "1234ms"]


def test_the_script_has_the_limits_too(project: Project) -> None:
    """Set aside for a build that keeps nobody waiting, and values as they are."""
    project.add(f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")')
    config = project.config()
    config.output_buffer = io.StringIO()

    command.upgrade(config, "head", sql=True)

    script = config.output_buffer.getvalue()
    order = ["lock_timeout = '2000ms'", "COMMIT;", "lock_timeout = '0ms'", "CONCURRENTLY", "lock_timeout = '2000ms'"]
    places: list[int] = []
    for words in order:
        places.append(script.index(words, places[-1] + 1 if places else 0))
    assert places == sorted(places)


def test_another_database_is_refused(project: Project) -> None:
    """Rather than migrated without a turn."""
    with pytest.raises(MigratorError, match="PostgreSQL"):
        project.upgrade(target="sqlite://")


def test_settings_come_from_the_environment(project: Project) -> None:
    """What is given wins, and all that makes no sense is said at once."""
    found = Settings.read({"MIGRATION_LOCK_TIMEOUT_MS": "5", "MIGRATION_ATTEMPTS": "3"}, attempts=4)

    assert (found.lock_timeout_ms, found.attempts, found.wait_seconds) == (5, 4, 60.0)
    with pytest.raises(MigratorError, match="MIGRATION_LOCK_TIMEOUT_MS=much, MIGRATION_WAIT_SECONDS=-1: must be"):
        Settings.read({"MIGRATION_LOCK_TIMEOUT_MS": "much", "MIGRATION_WAIT_SECONDS": "-1"})


def test_a_wrong_variable_is_one_line(project: Project) -> None:
    """On the command line."""
    done = ended(project.start(attempts="none"))

    assert (done.returncode, done.stderr.strip()) == (1, "MIGRATION_ATTEMPTS=none: must be a number above 0")


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_a_server_that_does_not_answer_is_one_line(project: Project, driver: str) -> None:
    """And no trace."""
    project.driver, project.url = driver, "postgresql://nobody@127.0.0.1:1/nothing"

    done = ended(project.start())

    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1), done.stderr
    assert "refused" in last(done) or "Connect call failed" in last(done)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_what_a_revision_sets_for_its_session_ends_with_it(
    project: Project, driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one would run without triggers or as somebody else; run alone, it would not."""
    project.driver = driver
    project.add('op.execute("GRANT ALL ON alembic_version, gonogo_migrations TO pg_monitor")')
    project.add('op.execute("SET session_replication_role = replica"); op.execute("SET role pg_monitor")')
    project.add(
        """op.execute("CREATE TABLE seen AS SELECT current_user::text AS who, current_setting('role') AS role, "
               "current_setting('session_replication_role') AS triggers, current_schema()::text AS place")"""
    )

    with caplog.at_level("WARNING", logger="alembic.runtime.migration"):
        project.upgrade()

    assert project.one("SELECT who = session_user AND role = 'none' FROM seen")
    assert project.one("SELECT triggers || ' ' || place FROM seen") == "origin public"
    assert "r2 changed role, session_replication_role for its whole session: set back before r3." in caplog.messages


def test_what_env_py_sets_for_the_session_stays(project: Project) -> None:
    """Migrating as the schema's owner is a way to work."""
    project.do("CREATE SCHEMA mine")
    engine = create_engine(project.address, poolclass=NullPool)
    project.add('op.execute("SET search_path = public, mine")')
    project.add('op.execute("CREATE TABLE here (id int)")')

    with engine.connect() as connection:
        connection.execute(text("SET search_path = mine, public"))
        connection.commit()
        project.upgrade(target=connection)

    assert project.one("SELECT to_regclass('mine.here') IS NOT NULL")


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_a_failure_is_told_without_the_value_that_the_database_quotes(project: Project, driver: str) -> None:
    """It may be anybody's data; what was wrong with it is told all the same."""
    project.driver = driver
    project.do("CREATE TABLE people (mail text)", "INSERT INTO people VALUES ('ann@example.org')")
    project.add('op.execute("ALTER TABLE people ALTER mail TYPE int USING mail::int")')

    done = ended(project.start())

    assert done.returncode == 1
    assert 'invalid input syntax for type integer: "…"' in last(done)
    assert "ann@example.org" not in done.stdout + done.stderr
