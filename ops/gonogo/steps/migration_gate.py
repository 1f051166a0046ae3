"""Lint each pending migration, and try all of them on a copy of the data before they run on the data."""

from dataclasses import replace
from typing import Any

from gonogo import codec, foresight, prospects, proving, trying
from gonogo.errors import GonogoError, NeedsPersonError, RefusedError, UnreachableError
from gonogo.model import Backup, Checkout, LintFinding, Plan, Trial, TrialWish, version_of
from gonogo.protocols import Context, Proof, StepKind


class MigrationGate:
    """Step 4: what would hurt is stopped before it runs, by its text and by what it did to a copy."""

    name = "migration-gate"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        count = f"{len(plan.pending)} pending migration{'s' if len(plan.pending) != 1 else ''}"
        them = "them" if len(plan.pending) != 1 else "it"
        return f"lint {count}, and try {them} on the restored backup" if plan.pending else f"nothing: {count}"

    def check(self, context: Context) -> bool:
        """Return False: a proof is made anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Hold the trial on this release's own backup, and write it down; one that is written down is not held again.

        Where none can be held, that is written down and weighed instead.

        Raises:
            UnreachableError: the scratch server does not answer.
        """
        plan, world = context.plan, context.world
        if not plan.pending or _trial(context.notes[self.name]):
            return
        scratch = _scratch(plan)
        context.note({"scratch": scratch})
        elder, why_not = _elder(context)
        try:
            wish = TrialWish(
                checkout=world.checkouts.provide(plan.target_commit),
                pending=plan.pending,
                scratch=scratch,
                start=plan.start_revision,
                previous=elder,
                backup=_backup(context),
            )
            trial = world.trials.hold(wish)
        except RefusedError as error:
            context.note({"no_trial": error.message})
            return
        trial = replace(trial, notes=(*trial.notes, why_not)) if why_not else trial
        context.note({"trial": trying.to_json(trial)})

    def verify(self, context: Context) -> Proof:
        """Return the SQL, what rules say of it, and what the trial says, held against the budgets."""
        plan, world = context.plan, context.world
        if not plan.pending:
            return Proof(evidence={"pending": "none", "way back": plan.way_back})
        trial = _trial(context.notes[self.name])
        limits = context.config.target.limits
        foreseen = foresight.foresee(
            world.migrations,
            world.checkouts.provide(plan.target_commit),
            plan.pending,
            today=world.clock.now().date(),
            evidence=foresight.Evidence(trial=trial, limits=limits, environment=plan.environment) if trial else None,
        )
        evidence = {"pending": str(len(plan.pending)), "way back": plan.way_back, **trying.evidence(trial)}
        evidence |= {f"SQL of {each.revision.id}": each.sql for each in foreseen}
        whole = [prospects.finding(each) for each in self._whole(context, trial)]
        return Proof(evidence=evidence, findings=[*whole, *(found for each in foreseen for found in each.findings)])

    def may_leave(self, context: Context) -> bool:
        """Return whether a copy was named and no trial written down: whoever was to drop it may not have come to it."""
        notes = context.notes[self.name]
        return "scratch" in notes and "trial" not in notes

    def revert(self, context: Context) -> Proof:
        """Drop the copy; the gate changes nothing else.

        Raises:
            NeedsPersonError: it may be there still.
        """
        if not self.may_leave(context):
            return Proof(evidence={})
        scratch = _scratch(context.plan)
        try:
            context.world.trials.clear(scratch)
        except (RefusedError, UnreachableError) as error:
            message = f"the copy {scratch} may be left: {error.message}"
            hint = f"on the server of the trial: DROP DATABASE IF EXISTS {scratch} WITH (FORCE)"
            raise NeedsPersonError("scratch-left", message, why="it is a copy of all data", hint=hint) from error
        return Proof(evidence={"the trial's copy": "gone"})

    def _whole(self, context: Context, trial: Trial | None) -> tuple[LintFinding, ...]:
        """Return what is to be said of the migrations as a whole."""
        plan, limits = context.plan, context.config.target.limits
        if trial:
            return trying.judge_whole(
                trial, plan.pending, limits, backup=_backup(context), environment=plan.environment
            )
        why = str(context.notes[self.name].get("no_trial", "nobody has held one"))
        return (trying.not_held(why, limits, plan.environment),)


def _scratch(plan: Plan) -> str:
    """Return the name of the trial's copy; the restore check's is another."""
    return proving.scratch_name(f"{plan.release_id}trial")


def _trial(notes: Any) -> Trial | None:  # JSON from the ledger
    """Return the trial that was written down."""
    return codec.noted_trial(notes)


def _backup(context: Context) -> Backup | None:
    """Return this release's backup."""
    return context.world.backups.find(context.plan.release_id)


def _elder(context: Context) -> tuple[Checkout | None, str]:
    """Return the release that runs now, and why there is none that could be started."""
    commit = context.plan.previous_commit
    if not commit:
        return None, "nobody knows which release runs now"
    try:
        return context.world.checkouts.provide(commit), ""
    except GonogoError as error:
        return None, f"release {version_of(commit)} cannot be started beside the copy: {error.message}"
