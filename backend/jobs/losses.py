"""Losses: attempts that ended with their workers, and which job is to blame for that."""

from dataclasses import dataclass

from sqlalchemy import text

from backend.db.unit_of_work import Connection
from backend.jobs.records import ClaimedJob

# After so many losses a job runs alone, so that the next one can only be its own doing.
COMPANY = 2
# So often may a job lose its worker while it runs alone.
ALONE = 3

# Since the last failure, which has given back what was lost before it, or since somebody asked for more attempts.
_PAST = text(
    """
    SELECT count(*) FILTER (WHERE is_lost) AS lost, count(*) FILTER (WHERE is_lost AND was_alone) AS lost_alone
    FROM (
      SELECT bool_or(event = 'lost') AS is_lost, bool_or(event = 'alone') AS was_alone FROM job_logs
      WHERE job_id = :job_id AND id > (
        SELECT coalesce(max(id), 0) FROM job_logs WHERE job_id = :job_id AND event IN ('failed', 'retried'))
      GROUP BY attempt
    ) AS attempts
    """
)
_NOTE = text("INSERT INTO job_logs (job_id, attempt, event, worker_id) VALUES (:job_id, :attempt, 'alone', :worker_id)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What became of a job's attempts since the last one that failed.

    Attributes:
        lost: Attempts that ended with their workers, whoever brought them down.
        lost_alone: Those of them that ran with nothing beside them.
    """

    lost: int = 0
    lost_alone: int = 0

    @property
    def is_suspect(self) -> bool:
        """Return whether the job must run alone."""
        return self.lost >= COMPANY


async def past_of(connection: Connection, job: ClaimedJob) -> Past:
    """Return what became of the job's earlier attempts.

    Args:
        connection: An open connection.
        job: The job.
    """
    row = (await connection.execute(_PAST, {"job_id": job.id})).one()
    return Past(lost=row.lost, lost_alone=row.lost_alone)


async def note_alone(connection: Connection, job: ClaimedJob) -> None:
    """Write into the job's log that this attempt has the worker for itself.

    Args:
        connection: A connection on which each statement commits.
        job: The job.
    """
    await connection.execute(_NOTE, {"job_id": job.id, "attempt": job.attempt, "worker_id": job.worker_id})
