"""A revision that cannot get its locks is tried again, names who is in its way, and gives up cleanly."""

import signal
import threading
from typing import Self

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from gonogo_migrator import GaveUpError, MigratorError
from tests.migrator.projects import BLOCK, Project, ended, last, until

ADD = 'op.execute("ALTER TABLE things ADD COLUMN size int")'
FAIL_ONCE = (
    "op.execute(\"DO $$ BEGIN IF nextval('tries') = 1 THEN"
    " RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END IF; END $$\")"
)
# Takes b, waits until somebody who has a waits for b, then wants a: the one who closes the circle is its victim.
DEADLOCK = """op.execute("LOCK TABLE b")
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'b'::regclass)"
    is_first = op.get_bind().scalar(sa.text("SELECT nextval('tries')")) == 1
    while is_first and not op.get_bind().scalar(sa.text(waits)):
        time.sleep(0.02)
    op.execute("LOCK TABLE a")
"""


class Readers:
    """Somebody who reads a table again and again, and knows from the server how long each read took."""

    def __init__(self, project: Project) -> None:
        """Prepare."""
        self.worst_s = 0.0
        self._project = project
        self._is_over = False
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._is_over = True
        self._thread.join()

    def _read(self) -> None:
        query = (
            "SELECT extract(epoch FROM clock_timestamp() - statement_timestamp())::float8"
            " FROM (SELECT count(*) FROM things) AS counted"
        )
        # Never prepared: a prepared statement takes its lock before its time is taken.
        with psycopg.connect(self._project.url, autocommit=True, prepare_threshold=None) as connection:
            while not self._is_over:
                row = connection.execute(sql.SQL(query)).fetchone()
                self.worst_s = max(self.worst_s, row[0] if row else 0.0)


def test_it_succeeds_when_the_blocker_ends(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """Each wait is short, and there is more than one."""
    project.add(ADD)

    limits = {"lock_timeout_ms": 200, "attempts": 1000, "retry_seconds": 3000.0}
    with project.blocked("SELECT FROM things") as blocker, project.upgrading(**limits) as running:
        until(lambda: "trying again" in caplog.text)
        blocker.commit()
        running.result()

    assert project.version == "r1"
    assert project.one("SELECT attempts > 1 FROM gonogo_migrations WHERE revision = 'r1'") is True


def test_it_gives_up_with_75_and_names_the_blocker_without_its_data(project: Project) -> None:
    """One line: pid, user, application, state, age, statement."""
    project.add(ADD)

    with project.blocked("SET application_name = 'nightly report'") as blocker:
        blocker.execute("SELECT name FROM things WHERE name = 'a secret' OR id = 4711")
        pid = blocker.info.backend_pid
        done = ended(project.start(lock_timeout_ms=1000, attempts=2))

    assert (done.returncode, project.version) == (75, None)
    assert f"blocked by pid {pid} (postgres, nightly report, idle in transaction) in a transaction" in last(done)
    assert "SELECT name FROM things WHERE name = ? OR id = ?" in last(done)
    assert "gave up after 2 attempts" in last(done)
    assert last(done).endswith("the schema stands at nothing")
    assert "trying again" in done.stderr


def test_a_limit_in_seconds_ends_it_too(project: Project) -> None:
    """Whatever number of attempts is left."""
    project.add(ADD)

    with project.blocked(), pytest.raises(GaveUpError, match="gave up after 1 attempt in"):
        project.upgrade(lock_timeout_ms=100, attempts=1000, retry_seconds=0.1)

    assert project.version is None


def test_readers_behind_it_wait_for_one_lock_timeout_and_not_for_the_blocker(project: Project) -> None:
    """Who reads queues behind the lock that the migration waits for, and only as long as that."""
    project.add(ADD)
    age = "SELECT extract(epoch FROM clock_timestamp() - transaction_timestamp())::float8"

    with project.blocked("SELECT FROM things") as blocker, Readers(project) as readers:
        with pytest.raises(GaveUpError):
            project.upgrade(lock_timeout_ms=200, attempts=6)
        row = blocker.execute(sql.SQL(age)).fetchone()

    assert row
    assert 0.05 < readers.worst_s < row[0] / 2


def test_a_deadlock_is_tried_again(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """The one who closed the circle is rolled back whole, and the other goes on."""
    project.do("CREATE TABLE a ()", "CREATE TABLE b ()")
    project.add(DEADLOCK)

    with project.blocked("SET deadlock_timeout = '600s'") as other:
        other.execute("LOCK TABLE a")
        with project.upgrading(lock_timeout_ms=50_000) as running:
            project.until("SELECT EXISTS (SELECT FROM pg_locks WHERE granted AND relation = 'b'::regclass)")
            other.execute("LOCK TABLE b")
            other.commit()
            running.result()

    assert project.version == "r1"
    assert "deadlock detected (40P01)" in caplog.text


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_what_may_pass_is_tried_again(project: Project, driver: str, state: str) -> None:
    """Whatever driver brings the news."""
    project.driver = driver
    project.add(FAIL_ONCE.format(state=state))

    project.upgrade()

    assert (project.version, project.one("SELECT last_value FROM tries")) == ("r1", 2)


def test_nothing_else_is_tried_again(project: Project) -> None:
    """It would fail the same way, or do the same twice; the error says where the schema stands."""
    project.add(ADD)
    project.add(FAIL_ONCE.format(state="22012"))

    with pytest.raises(DBAPIError, match="not now") as caught:
        project.upgrade()

    assert (project.version, project.one("SELECT last_value FROM tries")) == ("r1", 1)
    assert caught.value.__notes__ == ["r2 failed; the schema stands at r1"]


def test_a_failure_is_one_line_on_the_command_line(project: Project) -> None:
    """And no trace."""
    project.add('op.execute("SELECT 1 / 0")')

    done = ended(project.start())

    assert done.returncode == 1
    assert last(done) == "22012: division by zero; r1 failed; the schema stands at nothing"


def test_a_retry_means_the_same_revisions(project: Project) -> None:
    """Two more, counted from where the run began."""
    project.add(ADD)
    project.add(FAIL_ONCE.format(state="40P01"))
    project.add("pass")

    project.upgrade("+2")

    assert project.version == "r2"


PARTLY = BLOCK + 'op.execute("ALTER TABLE things ADD COLUMN IF NOT EXISTS a int")'


def test_a_revision_that_has_committed_a_part_is_not_repeated(project: Project) -> None:
    """The runner cannot know what a second time would do."""
    project.add(f"{PARTLY}\n    {FAIL_ONCE.format(state='40P01')}")

    with pytest.raises(MigratorError, match="a part had committed") as caught:
        project.upgrade()

    assert (caught.value.status, project.version, project.one("SELECT last_value FROM tries")) == (1, None, 1)


def test_unless_it_says_that_it_may_be(project: Project) -> None:
    """`rerunnable = True` in the revision."""
    project.add(f"{PARTLY}\n    {FAIL_ONCE.format(state='40P01')}", more="rerunnable = True")

    project.upgrade()

    assert (project.version, project.one("SELECT last_value FROM tries")) == ("r1", 2)


def test_a_downgrade_is_tried_again_too(project: Project) -> None:
    """Taking back needs the same locks."""
    project.add(ADD, down=FAIL_ONCE.format(state="55P03"))
    project.upgrade()

    project.downgrade()

    assert (project.version, project.one("SELECT last_value FROM tries")) == (None, 2)


def test_a_pause_between_two_attempts_can_be_stopped(project: Project) -> None:
    """At once, and not at its end."""
    project.add(ADD)

    with project.blocked():
        migrator = project.start(lock_timeout_ms=10, attempts=1000, retry_seconds=3000)
        assert migrator.stderr
        assert any("attempt 5" in line for line in migrator.stderr)
        migrator.send_signal(signal.SIGTERM)
        done = ended(migrator)

    assert (done.returncode, last(done)) == (130, "stopped by SIGTERM; the schema stands at nothing")
