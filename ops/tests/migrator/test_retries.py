"""A revision that cannot get its locks is tried again, names who is in its way, and gives up cleanly."""

import signal
import threading

import psycopg
import pytest
from psycopg import sql

from tests.migrator.projects import Project, ended, last, until

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

    def __enter__(self) -> "Readers":
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
        with psycopg.connect(self._project.url, autocommit=True) as connection:
            while not self._is_over:
                row = connection.execute(sql.SQL(query)).fetchone()
                self.worst_s = max(self.worst_s, row[0] if row else 0.0)


def test_it_succeeds_when_the_blocker_ends(project: Project) -> None:
    """Each wait is short, and there is more than one."""
    project.add(ADD)

    with project.blocked("SELECT FROM things") as blocker:
        migrator = project.start(lock_timeout_ms=200, attempts=1000)
        assert migrator.stderr
        until(lambda: "trying again" in migrator.stderr.readline())  # type: ignore[union-attr]
        blocker.commit()
        done = ended(migrator)

    assert (done.returncode, project.version) == (0, "r1")
    assert project.one("SELECT attempts > 1 FROM gonogo_migrations WHERE revision = 'r1'") is True


def test_it_gives_up_and_names_the_blocker_without_its_data(project: Project) -> None:
    """With 75, and one line: pid, user, application, state, age, statement."""
    project.add(ADD)

    with project.blocked("SELECT name FROM things WHERE name = 'a secret' OR id = 4711") as blocker:
        blocker.execute("SET application_name = 'nightly report'")
        blocker.execute("SELECT name FROM things WHERE name = 'a secret' OR id = 4711")
        pid = blocker.info.backend_pid
        done = project.run(lock_timeout_ms=300, attempts=2)

    assert (done.returncode, project.version) == (75, None)
    assert f"blocked by pid {pid} (postgres, nightly report, idle in transaction) in a transaction" in last(done)
    assert "SELECT name FROM things WHERE name = ? OR id = ?" in last(done)
    assert "gave up after 2 attempts" in last(done)
    assert last(done).endswith("the schema stands at nothing")


def test_a_limit_in_seconds_ends_it_too(project: Project) -> None:
    """Whatever number of attempts is left."""
    project.add(ADD)

    with project.blocked():
        done = project.run(lock_timeout_ms=100, attempts=1000, retry_seconds=0.1)

    assert (done.returncode, project.version) == (75, None)
    assert "gave up after 1 attempt in" in last(done)


def test_readers_behind_it_wait_for_one_lock_timeout_and_not_for_the_blocker(project: Project) -> None:
    """Who reads queues behind the lock that the migration waits for, and only as long as that."""
    project.add(ADD)

    with project.blocked("SELECT FROM things") as blocker, Readers(project) as readers:
        done = project.run(lock_timeout_ms=200, attempts=5)
        row = blocker.execute(
            "SELECT extract(epoch FROM clock_timestamp() - transaction_timestamp())::float8"
        ).fetchone()

    assert (done.returncode, project.version) == (75, None)
    assert row
    assert 0.05 < readers.worst_s < row[0] / 2


def test_a_deadlock_is_tried_again(project: Project) -> None:
    """The one who closed the circle is rolled back whole, and the other goes on."""
    project.do("CREATE TABLE a ()", "CREATE TABLE b ()")
    project.add(DEADLOCK)

    with project.blocked("SET deadlock_timeout = '60s'") as other:
        other.execute("LOCK TABLE a")
        migrator = project.start(lock_timeout_ms=50_000)
        project.until(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE granted AND relation = 'b'::regclass)",
        )
        other.execute("LOCK TABLE b")
        other.commit()
        done = ended(migrator)

    assert (done.returncode, project.version) == (0, "r1")
    assert "deadlock detected (40P01)" in done.stderr


def test_a_serialization_failure_is_tried_again(project: Project) -> None:
    """As the database asks of its callers."""
    project.add(FAIL_ONCE.format(state="40001"))

    done = project.run()

    assert (done.returncode, project.version, project.one("SELECT last_value FROM tries")) == (0, "r1", 2)


def test_nothing_else_is_tried_again(project: Project) -> None:
    """It would fail the same way, or do the same twice."""
    project.add(ADD)
    project.add(FAIL_ONCE.format(state="22012"))

    done = project.run()

    assert (done.returncode, project.version, project.one("SELECT last_value FROM tries")) == (1, "r1", 1)
    assert last(done) == "22012: not now; r2 failed; the schema stands at r1"


def test_a_retry_means_the_same_revisions(project: Project) -> None:
    """Two more, counted from where the run began."""
    project.add(ADD)
    project.add(FAIL_ONCE.format(state="40P01"))
    project.add("pass")

    done = project.run("upgrade", "+2")

    assert (done.returncode, project.version) == (0, "r2")


@pytest.mark.parametrize(("more", "status", "version"), [("", 1, None), ("rerunnable = True", 0, "r1")])
def test_a_revision_that_has_committed_a_part_is_repeated_only_if_it_says_so(
    project: Project, more: str, status: int, version: str | None
) -> None:
    """The runner cannot know what a second time would do."""
    block = 'with op.get_context().autocommit_block():\n        op.execute("ALTER TABLE things ADD COLUMN IF NOT EXISTS a int")'
    project.add(f"{block}\n    {FAIL_ONCE.format(state='40P01')}", more=more)

    done = project.run()

    assert (done.returncode, project.version) == (status, version)
    assert ("a part had committed" in done.stderr) is (status == 1)


def test_a_downgrade_is_tried_again_too(project: Project) -> None:
    """Taking back needs the same locks."""
    project.add(ADD, down=FAIL_ONCE.format(state="55P03"))
    project.run()

    done = project.run("downgrade", "base")

    assert (done.returncode, project.version) == (0, None)


def test_a_wait_between_two_attempts_can_be_stopped(project: Project) -> None:
    """At once, and not at its end."""
    project.add(ADD)

    with project.blocked():
        migrator = project.start(lock_timeout_ms=10, attempts=1000, retry_seconds=3000)
        assert migrator.stderr
        until(lambda: "attempt 6" in migrator.stderr.readline())  # type: ignore[union-attr]
        migrator.send_signal(signal.SIGTERM)
        done = ended(migrator)

    assert (done.returncode, last(done)) == (130, "stopped by SIGTERM; the schema stands at nothing")
