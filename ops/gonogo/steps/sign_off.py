"""Write the release into the log that people read."""

from gonogo import codec, snapshots
from gonogo.errors import GonogoError, LedgerError, StepFailedError
from gonogo.model import Finding, Plan, PlanKind, Severity, version_of
from gonogo.protocols import Context, Proof, StepKind

_WORDS = {PlanKind.RELEASE: "RELEASED", PlanKind.ROLLBACK: "WENT BACK"}


class SignOff:
    """Step 10: who, when, what, and where the evidence is."""

    name = "sign-off"
    kind = StepKind.RECORD

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"record the {plan.kind.value} to {plan.target_version} on {plan.environment}"

    def check(self, context: Context) -> bool:
        """Return whether the line is there already."""
        return context.world.log.contains(context.plan.release_id)

    def apply(self, context: Context) -> None:
        """Note how the release leaves the environment, and append the line, once more sure of what serves.

        Raises:
            StepFailedError: another version serves by now.
        """
        plan, world = context.plan, context.world
        serving = world.service.ready().commit
        if serving != plan.target_commit:
            message = f"{version_of(serving)} serves at the end, not {plan.target_version}"
            hint = f"invoke health.check --env {plan.environment}"
            raise StepFailedError("moved-before-sign-off", message, hint=hint)
        _note_snapshot(context)
        versions = f"{plan.previous_version} -> {plan.target_version}"
        world.log.append(
            f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ} {_WORDS[plan.kind]} {plan.environment} {versions} "
            f"by {world.operator}, release {plan.release_id}, schema {plan.target_revision}"
        )

    def verify(self, context: Context) -> Proof:
        """Prove that the line is there.

        Raises:
            StepFailedError: it is not.
        """
        if not context.world.log.contains(context.plan.release_id):
            hint = "the release itself is proven; add the line by hand"
            raise StepFailedError("log-not-written", "the evidence log does not hold the release", hint=hint)
        evidence = {"operator": context.world.operator, "log": "line appended"}
        noted = context.notes.get(self.name, {})
        if "snapshot" in noted or "snapshot_missing" not in noted:
            return Proof(evidence=evidence)
        return Proof(evidence=evidence, findings=(_without_snapshot(noted["snapshot_missing"]),))

    def revert(self, context: Context) -> Proof:
        """Do nothing: the log is append-only."""
        del context
        return Proof(evidence={})


def _note_snapshot(context: Context) -> None:
    """Note how both applications are set up now; a platform that is away takes the snapshot, not the release."""
    try:
        snapshot = snapshots.taken(context.world, context.config)
    except LedgerError:
        raise
    except GonogoError as error:
        context.note({"snapshot_missing": error.message})
        return
    context.note({"snapshot": codec.snapshot_to_json(snapshot)})


def _without_snapshot(problem: str) -> Finding:
    """Return what a release without a snapshot means for the next one."""
    message = f"how the release leaves the environment could not be recorded: {problem}"
    hint = "the next release cannot say which settings or variables have changed since"
    return Finding(rule="sign-off-snapshot", severity=Severity.ADVISE, message=message, hint=hint)
