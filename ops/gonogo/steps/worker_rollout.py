"""Deploy the worker, prove that only new ones beat, and that one of them runs a job."""

from gonogo import rollout
from gonogo.errors import GonogoError, NeedsPersonError, StepFailedError
from gonogo.model import JobState, Pin, Plan, version_of
from gonogo.protocols import Context, Proof, StepKind


class WorkerRollout:
    """Step 7: Coolify calls a crash-looping worker finished; heartbeats and a job say the truth."""

    name = "worker-rollout"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"deploy {plan.target_version}, prove its heartbeat and a canary job"

    def check(self, context: Context) -> bool:
        """Return whether only the target's workers beat already and no deployment is under way."""
        rollout.settle(context, context.config.target.worker_uuid)
        return _beating(context) == {context.plan.target_commit}

    def apply(self, context: Context) -> None:
        """Pin the commit, deploy, wait for the true end."""
        ended = rollout.deploy(context, _order(context, context.plan.target_commit, "deploy"))
        context.note({"deployment": ended.uuid})

    def verify(self, context: Context) -> Proof:
        """Prove that only workers of the target beat, and that one of them ran the canary job.

        Raises:
            StepFailedError: none beats, an old one still does, or the job did not come back from a new one.
        """
        return _prove(context, context.plan.target_commit)

    def revert(self, context: Context) -> Proof:
        """Bring the previous version back, and prove it the same way.

        Raises:
            NeedsPersonError: it cannot be brought back, or not be proven.
        """
        uuid, previous = context.config.target.worker_uuid, context.plan.previous_commit
        rollout.settle_order(context, _order(context, context.plan.target_commit, "deploy"))
        context.world.platform.pin(uuid, Pin.of_commit(previous))
        try:
            if _beating(context) != {previous}:
                rollout.deploy(context, _order(context, previous, "revert"))
            return _prove(context, previous)
        except StepFailedError as error:
            deploy, look = f"deploy {context.plan.previous_version} of the worker in Coolify", "invoke health.check"
            hint = f"{deploy}, then: {look} --env {context.plan.environment}"
            raise NeedsPersonError("worker-not-back", error.message, hint=hint) from error


def _prove(context: Context, commit: str) -> Proof:
    """Prove that only one commit's workers beat and that one of them runs a job."""
    if not rollout.steady(context, lambda: _beating(context) == {commit}):
        seen = ", ".join(sorted(version_of(each) for each in _beating(context))) or "none"
        message = f"workers beating: {seen}; expected only {version_of(commit)}"
        raise StepFailedError("worker-not-proven", message, hint=rollout.log_hint(context, "worker"))
    job = _canary(context, commit)
    evidence = {"beating": version_of(commit), "canary job": f"{job.id} done by {version_of(job.commit)}"}
    return Proof(evidence=evidence)


def _beating(context: Context) -> set[str]:
    """Return the commits of the workers that beat now."""
    limit = context.config.target.limits.worker_beat_s
    beats = context.world.service.workers()
    return {beat.commit for beat in beats if beat.state == "running" and beat.age_s <= limit}


def _canary(context: Context, commit: str) -> JobState:
    """Return the canary job, done by a worker of the commit: API, Redis, worker and Postgres in one."""
    limits, service = context.config.target.limits, context.world.service
    job_id = service.start_canary()
    context.note({"canary": job_id})
    seen = [JobState(id=job_id, status="queued", commit=None, error=None)]

    def is_over() -> bool:
        seen.append(service.job(job_id))
        return seen[-1].status in {"done", "failed", "dead", "cancelled"}

    in_time = rollout.until(context.world.clock, limits.canary_timeout_s, min(limits.poll_s, 0.2), is_over)
    if in_time and seen[-1].status == "done" and seen[-1].commit == commit:
        return seen[-1]
    raise _canary_error(seen[-1], commit, in_time=in_time)


def _canary_error(job: JobState, commit: str, *, in_time: bool) -> GonogoError:
    """Return what was wrong with the canary job."""
    said = f"{job.status} by {version_of(job.commit)}" if in_time else f"still {job.status}"
    message = f"the canary job {job.id} is {said}; expected done by {version_of(commit)}"
    return StepFailedError("canary-not-proven", message, why="jobs are not being run by the new version")


def _order(context: Context, commit: str, prefix: str) -> rollout.Order:
    """Return the order to deploy the worker."""
    notes = dict(context.notes.get(WorkerRollout.name, {}))
    return rollout.Order(app_uuid=context.config.target.worker_uuid, commit=commit, prefix=prefix, notes=notes)
