"""A job without side effects, followed from the API over Redis and a worker to Postgres and back: each hop is named."""

from dataclasses import dataclass

from gonogo import rollout
from gonogo.errors import StepFailedError
from gonogo.model import Finding, JobState, Severity, version_of
from gonogo.protocols import Context

_OVER = {"done", "failed", "dead", "cancelled"}
# One that polling found just before its message came says nothing against Redis.
_TRIES = 3
_WHY = "jobs are not being run by the new version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a canary job must show.

    Attributes:
        commit: of the worker that runs it.
        builds: of which one must be the worker's; none when they do not say.
        api_commit: of the API that queues it; None is any.
    """

    commit: str
    builds: frozenset[str]
    api_commit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A canary job that went the whole way."""

    evidence: dict[str, str]
    findings: tuple[Finding, ...]


def run(context: Context, wish: Wish) -> Run:
    """Send canary jobs until one is carried the whole way.

    Raises:
        StepFailedError: one was not done in time, or not by whom it must be.
    """
    job = _followed(context, wish)
    for _ in range(_TRIES - 1):
        if job.found_by != "polling":
            break
        job = _followed(context, wish)
    evidence = {"canary job": f"{job.id} done by {version_of(job.commit)}", "canary way": _way(job)}
    return Run(evidence=evidence, findings=_told(job))


def _followed(context: Context, wish: Wish) -> JobState:
    """Return a canary job that was done by whom it must be."""
    limits, service = context.config.target.limits, context.world.service
    job_id = service.start_canary()
    context.note({"canary": job_id})
    seen = [JobState(id=job_id, status="queued", commit=None, error=None)]

    def is_over() -> bool:
        seen.append(service.job(job_id))
        return seen[-1].status in _OVER

    rollout.until(context.world.clock, limits.canary_timeout_s, min(limits.poll_s, 0.2), is_over)
    _demand(seen[-1], wish)
    return seen[-1]


def _demand(job: JobState, wish: Wish) -> None:
    """Refuse a job that is not done, or by or through somebody else."""
    if job.status != "done" or job.commit != wish.commit:
        said = f"{job.status} by {version_of(job.commit)}" if job.status in _OVER else f"still {job.status}"
        message = f"the canary job {job.id} is {said}; expected done by {version_of(wish.commit)}"
        raise StepFailedError("canary-not-proven", message, why=_WHY)
    if wish.builds and job.build_id not in wish.builds:
        message = f"the canary job {job.id} was done by the build {job.build_id}; {', '.join(wish.builds)} beats"
        raise StepFailedError("canary-not-proven", message, why=_WHY)
    if wish.api_commit and job.origin and job.origin != wish.api_commit:
        message = (
            f"the canary job {job.id} was queued by {version_of(job.origin)}; expected {version_of(wish.api_commit)}"
        )
        raise StepFailedError("canary-not-proven", message, why="another API than the new one takes requests")


def _way(job: JobState) -> str:
    """Return the hops of a job, in words."""
    queued = f"queued by the API {version_of(job.origin)}" if job.origin else "queued by an API that does not say which"
    told = {"message": "told over Redis", "polling": "found by polling"}.get(
        job.found_by or "", "found, nobody says how"
    )
    built = f" (build {job.build_id})" if job.build_id else ""
    ran = f"run by the worker {version_of(job.commit)}{built}"
    return f"{queued}, {told}, {ran}, committed to Postgres, read back through the API"


def _told(job: JobState) -> tuple[Finding, ...]:
    """Return a finding when Redis had no part in it."""
    if job.found_by != "polling":
        return ()
    message = f"{_TRIES} canary jobs were found by polling: Redis does not tell the workers, or they have a backlog"
    hint = (
        "jobs start late, none is lost: look at `redis` in health.check, and REDIS_URL and QUEUE_NAME of API and worker"
    )
    return (Finding(rule="canary-over-redis", severity=Severity.ADVISE, message=message, hint=hint),)
