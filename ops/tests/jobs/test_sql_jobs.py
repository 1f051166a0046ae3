"""The operator's view is of the service's real tables, made by its own migrations."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from gonogo import backlog
from gonogo.adapters.jobs import SqlJobs
from gonogo.errors import NoGoError, NothingToDoError, UsageError
from gonogo.local import postgres
from gonogo.model import Outcomes, QueuedJob, Reader, Secret

ROOT = Path(__file__).resolve().parents[3]
INSERT = """INSERT INTO jobs (kind, idempotency_key, status, due_at, finished_at, attempts, error)
VALUES ('canary', gen_random_uuid()::text, %s, now() - %s::interval, now() - %s::interval, 3, 'said no') RETURNING id"""

# An environment's other addresses; nothing is asked there.
ELSEWHERE = {
    "API_TOKEN": "t0ken",
    "API_URL": "http://127.0.0.1:1",
    "COLUMNS": "200",
    "COOLIFY_API_UUID": "a",
    "COOLIFY_TOKEN": "t0ken",
    "COOLIFY_URL": "http://127.0.0.1:1",
    "COOLIFY_WORKER_UUID": "w",
    "PYTHONPATH": str(ROOT / "ops"),
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database of this test's own."""
    server, name = os.environ["TEST_DATABASE_URL"], f"test_{uuid4().hex}"
    yield postgres.create_database(server, name)
    postgres.drop_database(server, name)


@pytest.fixture
def migrated(url: str) -> str:
    """Return the database after the service's migrations."""
    command = (sys.executable, "-m", "alembic", "-c", "backend/alembic.ini", "upgrade", "head")
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True)
    return url


@pytest.fixture
def jobs(migrated: str) -> SqlJobs:
    """Return the adapter."""
    return SqlJobs(Secret("DATABASE_URL", migrated), operator="ada@desk")


def add(url: str, status: str, *, due: str = "0 s", finished: str | None = None) -> str:
    """Add a job and return its id."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(INSERT, (status, due, finished)).fetchone()
    assert row is not None
    return str(row[0])


def change(url: str, sql: str, *values: object) -> None:
    """Change the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.encode(), values)


def beat(url: str, name: str, report: str | None, *, age: str = "0 s") -> None:
    """Add a worker's heartbeat."""
    columns = "id, version, commit, host, pid, state, report, beat_at"
    values = "%s, 'v', 'c', 'h', 1, 'running', %s, now() - %s::interval"
    change(url, f"INSERT INTO worker_heartbeats ({columns}) VALUES ({values})", name, report, age)  # noqa: S608


@pytest.mark.contracts
class TestNewerThan:
    """What an earlier version cannot read, as far as the table tells."""

    NOW = datetime.now(UTC)

    def enveloped(self, url: str, status: str, envelope: int, *, hours_ago: float) -> None:
        """Add a job of a form that was made so long ago."""
        job = add(url, status, finished="0 s" if status == "done" else None)
        with psycopg.connect(url, autocommit=True) as connection:
            statement = "UPDATE jobs SET envelope = %s, created_at = %s WHERE id = %s"
            connection.execute(statement, (envelope, self.NOW - timedelta(hours=hours_ago), job))

    def test_open_jobs_of_a_form_that_none_had_before_are_counted(self, jobs: SqlJobs, migrated: str) -> None:
        """Done ones are of no concern, nor are those of a form that was there already."""
        self.enveloped(migrated, "done", 1, hours_ago=5)
        self.enveloped(migrated, "queued", 2, hours_ago=1)
        self.enveloped(migrated, "running", 2, hours_ago=1)
        self.enveloped(migrated, "queued", 1, hours_ago=1)
        self.enveloped(migrated, "done", 2, hours_ago=1)

        assert jobs.newer_than(self.NOW - timedelta(hours=2)) == 2
        assert jobs.newer_than(self.NOW) == 0

    def test_without_an_older_job_nobody_knows(self, jobs: SqlJobs, migrated: str) -> None:
        """An empty queue says nothing of what could be read."""
        self.enveloped(migrated, "queued", 2, hours_ago=1)

        assert jobs.newer_than(self.NOW - timedelta(hours=2)) is None

    def test_a_schema_without_a_queue_is_a_refusal(self, url: str) -> None:
        """It is older than the queue."""
        with pytest.raises(NoGoError):
            SqlJobs(Secret("DATABASE_URL", url), operator="ada@desk").newer_than(self.NOW)


@pytest.mark.contracts
class TestFacts:
    """What jobs.status shows."""

    def test_counts_by_state(self, jobs: SqlJobs, migrated: str) -> None:
        """Ready, delayed, running and dead jobs are counted, done ones are not; ages are of what waits."""
        add(migrated, "queued", due="90 s")
        add(migrated, "queued")
        add(migrated, "queued", due="-1 hour")
        add(migrated, "running", due="-30 s")
        add(migrated, "done", finished="1 minute")
        add(migrated, "dead", finished="2 minutes")

        facts = jobs.facts()

        assert {row.state: row.count for row in facts.rows} == {"ready": 2, "delayed": 1, "running": 1, "dead": 1}
        ages = {row.state: row.oldest_s for row in facts.rows}
        assert 90 <= (ages["ready"] or 0) < 3000
        assert (ages["delayed"], ages["running"]) == (None, None)
        assert (facts.ended, facts.failed) == (2, 1)

    def test_counts_how_jobs_ended_within_a_time(self, jobs: SqlJobs, migrated: str) -> None:
        """What ended before it, what was cancelled and what is under way does not count."""
        add(migrated, "done", finished="10 s")
        add(migrated, "dead", finished="20 s")
        add(migrated, "failed", finished="10 minutes")
        add(migrated, "cancelled", finished="10 s")
        add(migrated, "running")

        assert jobs.outcomes(120.0) == Outcomes(ended=2, failed=1)
        assert jobs.outcomes(1200.0) == Outcomes(ended=3, failed=2)
        assert jobs.outcomes(0.0) == Outcomes(ended=0, failed=0)

    def test_says_which_jobs_no_worker_can_read(self, jobs: SqlJobs, migrated: str) -> None:
        """By the forms of the jobs that are not over, and by what workers that beat say of themselves."""
        add(migrated, "queued")
        newer = add(migrated, "queued")
        add(migrated, "done", finished="1 s")
        change(migrated, "UPDATE jobs SET envelope = 2 WHERE id = %s", newer)
        unsaid = jobs.facts()
        beat(migrated, "old", '{"envelope": 1, "kinds": ["canary"]}')
        alone = jobs.facts()
        beat(migrated, "new", '{"envelope": 2, "kinds": ["canary"]}')
        both = jobs.facts()

        assert [(each.envelope, each.count) for each in alone.forms] == [(1, 1), (2, 1)]
        assert backlog.unreadable(unsaid.forms, unsaid.readers) == ()
        assert [each.envelope for each in backlog.unreadable(alone.forms, alone.readers)] == [2]
        assert backlog.unreadable(both.forms, both.readers) == ()

    def test_a_worker_that_does_not_say_what_it_reads_leaves_it_open(self, jobs: SqlJobs, migrated: str) -> None:
        """As one of an older release, or on a schema that was taken back; silent ones do not count."""
        beat(migrated, "new", '{"envelope": 1, "kinds": ["canary"]}')
        beat(migrated, "silent", None, age="31 seconds")
        told = jobs.facts()
        beat(migrated, "older", None)
        untold = jobs.facts()
        change(migrated, "ALTER TABLE worker_heartbeats DROP COLUMN report")

        assert told.readers == (Reader(envelope=1, kinds=("canary",)),)
        assert (untold.readers, jobs.facts().readers) == (None, None)

    def test_refused_without_the_tables(self, url: str) -> None:
        """A database that has no queue yet is a refusal of its own, with the way on."""
        with pytest.raises(NoGoError, match=r'schema is older .* "jobs" does not exist') as refused:
            SqlJobs(Secret("DATABASE_URL", url), operator="o").facts()

        assert (refused.value.exit_code, refused.value.hint) == (4, "invoke migrate.plan --env NAME")

    def test_refused_on_an_older_schema(self, jobs: SqlJobs, migrated: str) -> None:
        """So is one whose migrations have only been run in part."""
        job_id = add(migrated, "dead", finished="1 s")
        with psycopg.connect(migrated, autocommit=True) as connection:
            connection.execute("DROP TABLE job_logs")

        with pytest.raises(NoGoError, match='"job_logs" does not exist'):
            backlog.find(jobs, job_id)


@pytest.mark.contracts
class TestChange:
    """jobs.retry and jobs.cancel."""

    def test_retry_gives_a_dead_job_more_attempts(self, jobs: SqlJobs, migrated: str) -> None:
        """It waits again, and its log says who did it."""
        job = backlog.retry(jobs, add(migrated, "dead", finished="1 minute"))

        assert (job.status, job.attempts, job.max_attempts, job.finished_at) == ("queued", 3, 8, None)
        assert [(line.event, line.detail) for line in job.log] == [("retried", "by ada@desk")]

    def test_cancel_ends_an_open_job(self, jobs: SqlJobs, migrated: str) -> None:
        """It is over, and its log says who did it."""
        job = backlog.cancel(jobs, add(migrated, "running"))

        assert (job.status, job.error) == ("cancelled", "cancelled by an operator")
        assert [line.event for line in job.log] == ["cancelled"]

    @pytest.mark.parametrize("change", [backlog.retry, backlog.cancel])
    def test_done_job_stays_done(self, jobs: SqlJobs, migrated: str, change: object) -> None:
        """What is done can be neither retried nor cancelled."""
        job_id = add(migrated, "done", finished="1 minute")

        with pytest.raises(NothingToDoError):
            change(jobs, job_id)  # type: ignore[operator]

        assert _status(jobs.dead(9)) == []

    @pytest.mark.parametrize("job_id", ["no-uuid", "00000000-0000-4000-8000-000000000000"])
    def test_unknown_job(self, jobs: SqlJobs, job_id: str) -> None:
        """An id that is none, or nobody's, is a usage error."""
        with pytest.raises(UsageError):
            backlog.find(jobs, job_id)


def _status(jobs: tuple[QueuedJob, ...]) -> list[str]:
    return [job.status for job in jobs]


@pytest.mark.contracts
def test_dead_lists_the_newest_first(jobs: SqlJobs, migrated: str) -> None:
    """Jobs that were given up are listed, those of the previous release's word too, and no more than asked for."""
    expected = [add(migrated, "dead", finished="1 s"), add(migrated, "failed", finished="1 minute")]
    add(migrated, "dead", finished="1 hour")

    assert [job.id for job in jobs.dead(2)] == expected


@pytest.mark.contracts
@pytest.mark.parametrize("limit", [0, -1])
def test_no_number_of_jobs_is_a_usage_error(jobs: SqlJobs, limit: int) -> None:
    """A limit below one is refused before the database is asked."""
    with pytest.raises(UsageError, match=f"--limit {limit} "):
        backlog.dead(jobs, limit)


@pytest.mark.contracts
def test_commands_as_a_person_runs_them(migrated: str, url: str) -> None:
    """A dead job that lacks its time is listed; a retry says how soon it is seen."""
    job_id = add(migrated, "dead")

    listed, retried = invoke(url, "jobs.dead"), invoke(url, "jobs.retry", job_id, "--yes")

    assert (listed.returncode, retried.returncode) == (0, 0), listed.stderr + retried.stderr
    assert "unknown" in listed.stdout
    assert "at its next poll" in retried.stdout


def invoke(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a task on one database."""
    command = (sys.executable, "-m", "invoke", *words, "--env", "prod")
    environ = {**os.environ, **ELSEWHERE, "DATABASE_URL": url, "SCRATCH_DATABASE_URL": url}
    return subprocess.run(command, cwd=ROOT, env=environ, check=False, capture_output=True, text=True)
