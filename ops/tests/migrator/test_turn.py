"""One migration at a time: who comes second waits, says for whom, and finds the work done."""

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from gonogo_migrator import GaveUpError, MigratorError
from tests.migrator.pooler import pooled
from tests.migrator.projects import BLOCK, Project, ended, last

SLOW = """op.execute("SELECT pg_sleep(0.3)")
    op.execute("CREATE TYPE size AS ENUM ('s', 'l')")
    op.execute("ALTER TABLE things ADD COLUMN size size")
    op.execute("INSERT INTO things VALUES (4)")"""
INDEX = f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")'
TURN = (
    "FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
KILL_TURN = f'op.execute("SELECT pg_terminate_backend(pid) {TURN}")'


@pytest.fixture(scope="session")
def racers(pytestconfig: pytest.Config) -> int:
    """Return how many race; more with the large profile."""
    return 5 if pytestconfig.getoption("--hypothesis-profile") == "large" else 3


@pytest.mark.parametrize("up", [SLOW, f"{SLOW}\n    {INDEX}"], ids=["plain", "concurrently"])
def test_of_many_at_once_exactly_one_migrates(project: Project, racers: int, up: str) -> None:
    """The others wait, read the version again, and end well."""
    project.add(up)
    project.add("pass")

    done = [ended(each) for each in [project.start(wait_seconds=600) for _ in range(racers)]]

    assert [each.returncode for each in done] == [0] * racers, [each.stderr for each in done]
    assert project.version == "r2"
    assert project.one("SELECT array_agg(revision ORDER BY id) FROM gonogo_migrations") == ["r1", "r2"]
    assert (project.one("SELECT count(*) FROM things"), project.invalid) == (4, 0)


def test_who_gives_up_waiting_names_whom_for(project: Project) -> None:
    """Its pid, who runs it, since when; with the status of what may be tried again."""
    project.add('op.execute("LOCK TABLE things")')

    with project.blocked(), project.upgrading(lock_timeout_ms=600_000, by="anna@laptop") as first:
        project.until_waiting()
        second = ended(project.start(wait_seconds=0.5))
        holder = project.one(f"SELECT pid {TURN}")
        project.do("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 'things'::regclass")
        with pytest.raises(DBAPIError, match="cancel"):
            first.result()

    words = f"another migration is running: pid {holder} (postgres, gonogo-migrator anna@laptop) since 20"
    assert (second.returncode, words in last(second)) == (75, True), second.stderr
    assert last(second).endswith("gave up after 0.5 s, nothing was done")


def test_a_lost_turn_ends_the_run_between_two_revisions(project: Project) -> None:
    """Somebody else may have begun since."""
    project.add(KILL_TURN)
    project.add('op.execute("DROP TABLE things")')

    with pytest.raises(GaveUpError, match="stopped between two revisions, the schema stands at r1"):
        project.upgrade()

    project.upgrade()
    assert project.version == "r2"


def test_a_turn_that_is_lost_at_the_end_is_no_trouble(project: Project) -> None:
    """Nothing is left to do."""
    project.add(KILL_TURN)

    project.upgrade()

    assert project.version == "r1"


def test_to_look_takes_no_turn(project: Project) -> None:
    """`alembic check` and `current` never wait for a migration."""
    project.add("pass")
    project.upgrade()
    project.do("DROP TABLE things")

    with project.blocked("SELECT pg_advisory_lock(11, 12)"):
        project.check()
        with pytest.raises(GaveUpError, match="another migration is running"):
            project.upgrade(lock_key=(11, 12), wait_seconds=0.1)


def test_a_pooler_of_transactions_is_refused(project: Project) -> None:
    """Its sessions are everybody's: a lock would be held by whoever comes next."""
    project.add("pass")

    with pooled(project.url) as address, pytest.raises(MigratorError, match="leads through a pooler"):
        project.upgrade(target=make_url(address).set(drivername="postgresql+psycopg"))

    assert project.version is None
