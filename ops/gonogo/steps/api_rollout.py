"""Deploy the API and prove that the new version is the only one that answers."""

from gonogo import rollout
from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import Pin, Plan, Readiness, version_of
from gonogo.protocols import Context, Proof, StepKind


class ApiRollout:
    """Step 6: new beside old, then only new."""

    name = "api-rollout"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"deploy {plan.target_version}, prove that it alone serves"

    def check(self, context: Context) -> bool:
        """Return whether the target serves already and no deployment is under way."""
        rollout.settle(context, context.config.target.api_uuid)
        return _serves(context.world.service.ready(), context.plan.target_commit)

    def apply(self, context: Context) -> None:
        """Pin the commit, deploy, wait for the true end."""
        ended = rollout.deploy(context, _order(context, context.plan.target_commit, "deploy"))
        context.note({"deployment": ended.uuid})

    def verify(self, context: Context) -> Proof:
        """Prove over fresh connections that the target alone answers, ready, for the settling time.

        Raises:
            StepFailedError: another version answers, or it is not ready.
        """
        seen = _watch(context, context.plan.target_commit)
        if seen.is_steady:
            return Proof(evidence=seen.evidence)
        raise StepFailedError("api-not-proven", seen.said, where=context.config.target.api_url)

    def revert(self, context: Context) -> Proof:
        """Bring the previous version back, and prove that it alone serves.

        Raises:
            NeedsPersonError: it cannot be brought back, or not be proven.
        """
        uuid, previous = context.config.target.api_uuid, context.plan.previous_commit
        rollout.settle_order(context, _order(context, context.plan.target_commit, "deploy"))
        context.world.platform.pin(uuid, Pin.of_commit(previous))
        if _serves(context.world.service.ready(), previous):
            seen = _watch(context, previous)
            if seen.is_steady:
                return Proof(evidence=seen.evidence)
        rollout.deploy(context, _order(context, previous, "revert"))
        seen = _watch(context, previous)
        if seen.is_steady:
            return Proof(evidence=seen.evidence)
        plan = context.plan
        hint = f"deploy {plan.previous_version} in Coolify, then: invoke health.check --env {plan.environment}"
        raise NeedsPersonError("api-not-back", seen.said, where=context.config.target.api_url, hint=hint)


class _Watch:
    """What the ready probe said over the settling time."""

    def __init__(self, context: Context, commit: str) -> None:
        self.commit = commit
        self.last: Readiness | None = None
        self.probes = 0
        self._service = context.world.service
        self.is_steady = rollout.steady(context, self._is_good)

    def _is_good(self) -> bool:
        """Ask once."""
        self.last = self._service.ready()
        self.probes += 1
        return _serves(self.last, self.commit)

    @property
    def said(self) -> str:
        """Return what was seen instead."""
        last = self.last
        if last is None or last.status_code == 0:
            return "nothing answers"
        detail = f", not ready: {last.detail}" if not last.ready else ""
        return f"{version_of(last.commit)} answers, expected {version_of(self.commit)}{detail}"

    @property
    def evidence(self) -> dict[str, str]:
        """Return what was seen, in words."""
        return {"serving": version_of(self.commit), "probes": f"{self.probes}, each on a fresh connection"}


def _watch(context: Context, commit: str) -> _Watch:
    """Watch the ready probe until one commit was the only one for the settling time, or time is up."""
    return _Watch(context, commit)


def _order(context: Context, commit: str, prefix: str) -> rollout.Order:
    """Return the order to deploy the API."""
    notes = dict(context.notes.get(ApiRollout.name, {}))
    return rollout.Order(app_uuid=context.config.target.api_uuid, commit=commit, prefix=prefix, notes=notes)


def _serves(ready: Readiness, commit: str) -> bool:
    """Return whether an answer comes from a ready process of one commit."""
    return ready.ready and ready.commit == commit
