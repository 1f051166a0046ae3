"""SIGINT, SIGTERM and SIGKILL leave the schema at a revision, and the next run goes on from there."""

import signal

import pytest

from tests.migrator.projects import BLOCK, Project, ended, last

ADD = 'op.execute("ALTER TABLE things ADD COLUMN size int")'
BUILDING = "SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()"
INDEX = f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")'


@pytest.mark.parametrize(
    ("driver", "stop"),
    [("psycopg", signal.SIGINT), ("psycopg2", signal.SIGTERM), ("asyncpg", signal.SIGINT)],
)
def test_a_signal_cancels_the_statement_and_rolls_its_revision_back(
    project: Project, driver: str, stop: signal.Signals
) -> None:
    """With 130 and where the schema stands; even where the driver waits in C."""
    project.driver = driver
    project.add(ADD)
    project.add('op.execute("CREATE TABLE half ()")\n    op.execute("SELECT pg_sleep(600)")')
    migrator = project.start(statement_timeout_ms=900_000)
    project.until(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND query = 'SELECT pg_sleep(600)' AND state = 'active')"
    )

    migrator.send_signal(stop)
    done = ended(migrator)

    assert (done.returncode, last(done)) == (130, f"stopped by {stop.name}; the schema stands at r1")
    assert (project.version, project.one("SELECT to_regclass('half')")) == ("r1", None)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_broken_off_is_named_and_built_by_the_next_run(project: Project, stop: signal.Signals) -> None:
    """What a build leaves cannot be rolled back, but found."""
    project.add(INDEX)
    with project.blocked("INSERT INTO things VALUES (4)"):
        migrator = project.start()
        # A build that is under way has no index yet: until that is committed, breaking it off leaves nothing.
        project.until("SELECT EXISTS (SELECT FROM pg_index WHERE NOT indisvalid)")
        migrator.send_signal(stop)
        done = ended(migrator)
        # Who is killed says nothing; the server notices that its client is gone.
        project.until(f"SELECT NOT EXISTS ({BUILDING})")

    left = "leaving the INVALID index public.things_id, which the next run drops and builds again"
    assert project.invalid == 1
    assert stop is signal.SIGKILL or (done.returncode == 130 and left in last(done))
    project.upgrade()
    assert (project.version, project.invalid) == ("r1", 0)


def test_who_is_killed_keeps_no_lock(project: Project) -> None:
    """Neither its turn nor what its statement was waiting for; nothing of it is kept."""
    project.add(f'op.execute("CREATE TABLE half ()")\n    {ADD}')
    with project.blocked("SELECT FROM things"):
        migrator = project.start(lock_timeout_ms=600_000)
        project.until_waiting()
        migrator.kill()
        ended(migrator)
        project.until("SELECT NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'things'::regclass)")

    assert project.one("SELECT to_regclass('half')") is None
    project.upgrade()
    assert project.version == "r1"
