"""Deploy the worker, prove that only new ones beat, what became of the old ones, and that a new one runs a job."""

from gonogo import artifacts, canary, heartbeats, rollout
from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import Pin, Plan
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
        return heartbeats.are_of(context, context.plan.target_commit)

    def apply(self, context: Context) -> None:
        """Note who works now, pin the commit, deploy, wait for the true end."""
        uuid, commit = context.config.target.worker_uuid, context.plan.target_commit
        pin = artifacts.target(context.plan, context.world.platform.application(uuid), context.config.artifact)
        ended = rollout.deploy(context, _noting_old(context, _order(context, commit, "deploy", pin=pin)))
        context.note({"deployment": ended.uuid})

    def verify(self, context: Context) -> Proof:
        """Prove that only workers of the target beat, how the old ones stopped, and that a new one ran the canary job.

        Raises:
            StepFailedError: too few beat, an old one still does, or the job did not come back from a new one.
        """
        commit = context.plan.target_commit
        return _prove(context, commit, prefix="deploy", api_commit=commit)

    def revert(self, context: Context) -> Proof:
        """Bring the previous version back, and prove it the same way.

        Raises:
            NeedsPersonError: it cannot be brought back, or not be proven.
        """
        uuid, previous = context.config.target.worker_uuid, context.plan.previous_commit
        rollout.settle_order(context, _order(context, context.plan.target_commit, "deploy", pin=None))
        order = _order(context, previous, "revert", pin=artifacts.previous(context.plan, uuid))
        rollout.pin(context, order)
        try:
            if not heartbeats.are_of(context, previous):
                rollout.deploy(context, _noting_old(context, order))
            # Its API is brought back after it: until then the newer one queues the job.
            return _prove(context, previous, prefix="revert", api_commit=None)
        except StepFailedError as error:
            deploy, look = f"deploy {context.plan.previous_version} of the worker in Coolify", "invoke health.check"
            hint = f"{deploy}, then: {look} --env {context.plan.environment}"
            raise NeedsPersonError("worker-not-back", error.message, hint=hint) from error


def _prove(context: Context, commit: str, *, prefix: str, api_commit: str | None) -> Proof:
    """Prove that only one commit's workers beat, how the others stopped, and that one of them runs a job."""
    watch = heartbeats.Watch(context, commit)
    if not watch.is_steady:
        raise StepFailedError("worker-not-proven", watch.said, hint=rollout.log_hint(context, "worker"))
    notes = context.notes.get(WorkerRollout.name, {})
    farewell = heartbeats.farewell(context, notes.get(f"{prefix}_old") or ())
    compared = artifacts.drift_from_before if prefix == "revert" else artifacts.drift_from_goal
    drift = compared(context.plan, context.config.target.worker_uuid, "worker", watch.fingerprint)
    run = canary.run(context, canary.Wish(commit=commit, builds=watch.builds, api_commit=api_commit))
    return Proof(
        evidence={**watch.evidence, **farewell.evidence, **run.evidence},
        findings=(*drift, *farewell.findings, *run.findings),
    )


def _noting_old(context: Context, order: rollout.Order) -> rollout.Order:
    """Return an order after noting the workers that it replaces, for how they stop to be told."""
    if order.noted("old") is None:
        old = [beat.id for beat in heartbeats.beating(context) if beat.commit != order.commit]
        order.write(context, old=old)
    return order


def _order(context: Context, commit: str, prefix: str, *, pin: Pin | None) -> rollout.Order:
    """Return the order to deploy the worker."""
    notes = dict(context.notes.get(WorkerRollout.name, {}))
    uuid = context.config.target.worker_uuid
    return rollout.Order(app_uuid=uuid, commit=commit, prefix=prefix, notes=notes, pin=pin)
