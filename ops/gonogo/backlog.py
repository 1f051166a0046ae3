"""The job queue as its operator meets it: judged against limits, one job found or changed, a canary sent through."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from gonogo import rollout
from gonogo.errors import NothingToDoError, StepFailedError, UsageError
from gonogo.model import JobState, Limits, QueuedJob, QueueFacts, QueueForm, Reader
from gonogo.protocols import Clock, Jobs, Service

# Fewer ended jobs than this say nothing about a rate.
_ENOUGH = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """A queue and what is wrong with it.

    Attributes:
        failure_share: share of the jobs that ended lately which were given up, 0 to 1.
        problems: in words; none when all is within limits.
        stranded: the jobs that wait for a newer worker, in words.
    """

    facts: QueueFacts
    failure_share: float
    problems: tuple[str, ...]
    stranded: tuple[str, ...] = ()


def judge(facts: QueueFacts, limits: Limits) -> Backlog:
    """Return a queue with every limit that it breaks, and what nobody can run."""
    share = facts.failed / facts.ended if facts.ended else 0.0
    problems = tuple(
        f"{row.kind}: the oldest ready job has waited {row.oldest_s:.0f} s, more than {limits.jobs_oldest_s:g} s"
        for row in facts.rows
        if row.state == "ready" and (row.oldest_s or 0.0) > limits.jobs_oldest_s
    )
    stranded = tuple(
        f"{each.kind}: {each.count} of envelope {each.envelope}, which no worker that beats can read"
        for each in unreadable(facts.forms, facts.readers)
    )
    if facts.ended >= _ENOUGH and share > limits.jobs_failure_share:
        problems += (
            f"{facts.failed} of the last {facts.ended} jobs were given up, more than {limits.jobs_failure_share:.0%}",
        )
    return Backlog(facts=facts, failure_share=share, problems=problems, stranded=stranded)


def unreadable(forms: Sequence[QueueForm], readers: Sequence[Reader] | None) -> tuple[QueueForm, ...]:
    """Return the jobs that none of some workers can run; none where it is not known what they can."""
    return tuple(each for each in forms if not any(reader.reads(each) for reader in readers)) if readers else ()


def find(queue: Jobs, job_id: str) -> QueuedJob:
    """Return a job with its log.

    Raises:
        UsageError: there is no such job.
    """
    try:
        found = queue.find(UUID(job_id))
    except ValueError:
        found = None
    if found is None:
        raise UsageError("unknown-job", f"there is no job {job_id!r}", hint="invoke jobs.dead --env NAME")
    return found


def dead(queue: Jobs, limit: int) -> tuple[QueuedJob, ...]:
    """Return the jobs that were given up last, newest first.

    Raises:
        UsageError: the limit is no number of jobs.
    """
    if limit < 1:
        raise UsageError("limit-out-of-range", f"--limit {limit} shows nothing", hint="--limit 50")
    return queue.dead(limit)


def retry(queue: Jobs, job_id: str) -> QueuedJob:
    """Queue a dead job again, and return it.

    Raises:
        UsageError: there is no such job.
        NothingToDoError: it is not dead.
    """
    job = find(queue, job_id)
    if not queue.retry(UUID(job.id)):
        raise _unchanged(job, "only a dead job can be retried")
    return find(queue, job_id)


def cancel(queue: Jobs, job_id: str) -> QueuedJob:
    """Cancel a job that is not over, and return it.

    Raises:
        UsageError: there is no such job.
        NothingToDoError: it is over.
    """
    job = find(queue, job_id)
    if not queue.cancel(UUID(job.id)):
        raise _unchanged(job, "only a job that is queued or running can be cancelled")
    return find(queue, job_id)


def canary(service: Service, clock: Clock, limits: Limits) -> tuple[JobState, float]:
    """Queue the canary job, wait for its end, and return it with the seconds that it took.

    Raises:
        StepFailedError: it did not come to an end in time.
    """
    began = clock.monotonic()
    job_id = service.start_canary()
    over = {"done", "failed", "dead", "cancelled"}
    poll_s = min(limits.poll_s, 0.1)
    if not rollout.until(clock, limits.canary_timeout_s, poll_s, lambda: service.job(job_id).status in over):
        message = f"the canary job {job_id} did not end within {limits.canary_timeout_s:g} s"
        why, hint = "jobs are not being run", "invoke jobs.status --env NAME"
        raise StepFailedError("canary-not-proven", message, why=why, hint=hint)
    return service.job(job_id), clock.monotonic() - began


def _unchanged(job: QueuedJob, why: str) -> NothingToDoError:
    """Return what is said of a job that is not in the right state."""
    message = f"job {job.id} is {job.status}"
    return NothingToDoError("job-not-changed", message, why=why, hint=f"invoke jobs.show {job.id} --env NAME")
