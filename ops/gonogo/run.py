"""Run a plan one step at a time: an entry before, the step, an entry after; and what happens when a step fails.

May not decide what to run, and formats no text.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from gonogo import codec, holding, journal
from gonogo.errors import (
    AwaitsPersonError,
    ExitCode,
    GonogoError,
    InterruptedReleaseError,
    LedgerError,
    LockHeldError,
    LockLostError,
    NeedsPersonError,
    StepFailedError,
    UnreachableError,
    UsageError,
)
from gonogo.model import Config, Entry, EntryKind, Plan, Severity, StepStatus, Verdict
from gonogo.protocols import Context, FinalStep, Proof, SchemaStep, Step, StepKind, TidyStep, World

_LOG = logging.getLogger("gonogo.run")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a release ends, before it is written down."""

    verdict: Verdict
    exit_code: ExitCode
    reason: str = ""
    where: str = ""
    hint: str = ""


class _Recorder:
    """The one place of a run that changes: the state, moved on by each entry that was stored."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.plan = plan
        self.ledger = holding.HeldLedger(world.ledger)
        self.world = holding.fenced(world, self.ledger)
        entries = self.ledger.read(plan.release_id)
        self.is_new = not entries
        if self.is_new:
            entries = (self._store(EntryKind.RELEASE_STARTED, None, _opening(plan, world)),)
        self.state = journal.replay(entries)

    def look_again(self) -> None:
        """Take the state from the ledger: the last entry may be stored without anybody having heard of it."""
        self.state = journal.replay(self.ledger.read(self.plan.release_id))

    def write(self, kind: EntryKind, step: str | None = None, /, **data: Any) -> None:  # JSON
        """Store one entry and move the state on."""
        self.state = journal.follow(self.state, self._store(kind, step, data))

    def _store(self, kind: EntryKind, step: str | None, data: Mapping[str, Any]) -> Entry:
        """Append to the ledger and tell the observer."""
        at = self.world.clock.now()
        entry = Entry(release_id=self.plan.release_id, at=at, kind=kind, step=step, data=data)
        stored = self.ledger.append(entry)
        try:
            self.world.observe(stored)
        except Exception:  # noqa: BLE001  # who only watches must not stop a release
            _LOG.exception("observer.failed")
        return stored


def execute(plan: Plan, *, world: World, config: Config, steps: Sequence[Step], turn: str = "") -> journal.State:
    """Run a plan from wherever its journal says it stands, and return the state at its end.

    Args:
        plan: what was decided.
        world: the outside; its effects are had only while the lock is held.
        config: the environment.
        steps: the plan's steps, in order.
        turn: why it is to go back from where it stands; empty to go on.

    Raises:
        InterruptedReleaseError: somebody stopped it; `deploy.resume` goes on, `deploy.abort` goes back.
        AwaitsPersonError: a person must do the next step; it goes on from there.
        LockLostError: somebody else may be releasing now; nothing further was done.
        LedgerError: the journal cannot be written; nothing further was done.
    """
    try:
        run = _Run(_Recorder(plan, world), config, steps)
        try:
            run.go(turn)
        except KeyboardInterrupt:
            run.interrupted()
        except LockLostError:
            run.give_up()
            raise
        except AwaitsPersonError as error:
            run.wait(error)
            raise
    except KeyboardInterrupt:  # before anything was begun, or once more while the last word was being written
        if not world.ledger.read(plan.release_id):
            raise
        run = _Run(_Recorder(plan, world), config, steps)
        run.interrupted()
    return run.recorder.state


def to_undo(state: journal.State, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that may have changed something that is not undone yet, in the order of their undoing."""
    told = state.steps
    changes = (step for step in reversed(steps) if step.kind is StepKind.CHANGE)
    return tuple(
        step for step in changes if told[step.name].was_started and told[step.name].status is not StepStatus.REVERTED
    )


class _Run:
    """One run of a plan: forward, and back when a step fails."""

    def __init__(self, recorder: _Recorder, config: Config, steps: Sequence[Step]) -> None:
        self.recorder = recorder
        self.config = config
        self.steps = steps

    def go(self, turn: str = "") -> None:
        """Go forward, or back where the journal says that a step has failed; then write the end down."""
        if self.recorder.state.is_over:
            return
        if turn:
            self._refuse_late_turn()
        if not self.recorder.is_new:
            holding.hold(self.recorder.world, self.recorder.plan)
            self.recorder.write(EntryKind.RESUMED, who=self.recorder.world.operator)
        if turn and not self.recorder.state.turned:
            self.recorder.write(EntryKind.TURNED, who=self.recorder.world.operator, why=turn)
        is_behind = not self._is_past() and (self._has_turned() or not self._still_holds())
        self._end(self._backward() if is_behind else self._forward())

    def give_up(self) -> None:
        """Leave everything as it stands; what is still held is let go of."""
        with suppress(LedgerError):
            self._unlock()

    def wait(self, error: AwaitsPersonError) -> None:
        """Write down what a person must do, and let go of the lock; whoever goes on begins there."""
        self.recorder.write(EntryKind.INTERRUPTED, why=error.message)
        self._unlock()

    def interrupted(self) -> None:
        """Write down that somebody stopped it, let go of the lock, and say where it stands.

        Raises:
            InterruptedReleaseError: unless it had come to its end already.
        """
        self.recorder.look_again()
        if not self.recorder.state.is_ended:
            self.recorder.write(EntryKind.INTERRUPTED, why=f"by {self.recorder.world.operator}")
        self._unlock()
        if not self.recorder.state.is_ended:
            raise _interruption(self.recorder.state)

    def _refuse_late_turn(self) -> None:
        """Raise when there is nothing left to go back from but a release that is proven and recorded.

        Raises:
            UsageError: only its end is not written down.
        """
        state = self.recorder.state
        if all(step.status is StepStatus.DONE for step in state.steps.values()):
            message = f"{state.plan.kind.value} {state.plan.release_id} went through; only its end is not written down"
            raise UsageError("nothing-to-abort", message, hint=f"invoke deploy.resume --env {state.plan.environment}")
        if self._is_past():
            message = f"{state.plan.kind.value} {state.plan.release_id} cannot be taken back any more"
            why = "what it replaces is not taken any more; going back would lock everybody out"
            hint = f"invoke deploy.resume --env {state.plan.environment}"
            raise UsageError("too-late-to-abort", message, why=why, hint=hint)

    def _is_past(self) -> bool:
        """Return whether it has come to where nothing is undone any more."""
        states = self.recorder.state.steps
        final = (step for step in self.steps if isinstance(step, FinalStep))
        return any(states[step.name].was_started and step.is_past(self._context(step)) for step in final)

    def _has_turned(self) -> bool:
        """Return whether the journal says that it goes back; a record that failed is tried again."""
        steps = self.recorder.state.steps
        failed = (step for step in self.steps if step.kind is not StepKind.RECORD and steps[step.name].has_turned)
        return bool(self.recorder.state.turned) or any(failed)

    def _still_holds(self) -> bool:
        """Prove again what earlier processes changed: the world may have moved while nobody was at it."""
        done = [step for step in self.steps if self.recorder.state.steps[step.name].status is StepStatus.DONE]
        return all(self._proven_again(step) for step in done if step.kind is StepKind.CHANGE)

    def _proven_again(self, step: Step) -> bool:
        """Return whether a step that was done still is."""
        self.recorder.write(EntryKind.STEP_STARTED, step.name, intent=f"prove again: {step.intent(self.recorder.plan)}")
        proof = self._guarded(EntryKind.STEP_FAILED, step, partial(self._proven, step))
        if proof is None:
            return False
        self.recorder.write(EntryKind.STEP_DONE, step.name, already=True, **_observed(proof))
        return True

    def _proven(self, step: Step) -> Proof:
        """Return what a step proves now."""
        return _weighed(step, step.verify(self._context(step)))

    def _forward(self) -> Ending:
        """Run every step that is not done yet; turn round at the first that fails."""
        for step in self.steps:
            if self.recorder.state.steps[step.name].status is not StepStatus.DONE and not self._step(step):
                return self._backward()
        return Ending(verdict=Verdict.RELEASED, exit_code=ExitCode.RELEASED)

    def _step(self, step: Step) -> bool:
        """Run one step and return whether it is proven done."""
        self.recorder.write(EntryKind.STEP_STARTED, step.name, intent=step.intent(self.recorder.plan))
        already = False

        def attempt() -> Proof:
            nonlocal already
            already = step.check(self._context(step))
            if not already:
                step.apply(self._context(step))
            return self._proven(step)

        proof = self._guarded(EntryKind.STEP_FAILED, step, attempt)
        if proof is None:
            return False
        self.recorder.write(EntryKind.STEP_DONE, step.name, already=already, **_observed(proof))
        return True

    def _guarded(self, kind: EntryKind, step: Step, attempt: Callable[[], Proof]) -> Proof | None:
        """Return what an attempt proves; write its failure down and return None when it fails."""
        try:
            return attempt()
        except (LedgerError, AwaitsPersonError):
            raise
        except _WeighedError as error:
            self.recorder.write(kind, step.name, error=codec.error_to_json(error), **_observed(error.proof))
        except GonogoError as error:
            self.recorder.write(kind, step.name, error={**codec.error_to_json(error), "code": int(error.exit_code)})
        except Exception as error:  # noqa: BLE001  # a bug in a step must not leave a release half-way
            _LOG.exception("step.failed_unexpectedly step=%s", step.name)
            self.recorder.write(kind, step.name, error=_unexpected(error))
        return None

    def _backward(self) -> Ending:
        """Undo what was started, last first, and say how the release ends."""
        self._tidy()
        failed = self.recorder.state.failed_step
        kinds = {step.name: step.kind for step in self.steps}
        is_record = failed and kinds[failed.name] is StepKind.RECORD and not self.recorder.state.turned
        if is_record or self._is_past():
            return self._ending(Verdict.NEEDS_PERSON, ExitCode.NEEDS_PERSON)
        if not self._undo():
            return self._ending(Verdict.NEEDS_PERSON, ExitCode.NEEDS_PERSON)
        if self._changed_something():
            return self._ending(Verdict.ROLLED_BACK, ExitCode.ROLLED_BACK)
        return self._ending(Verdict.NO_GO, self._no_go_code())

    def _tidy(self) -> None:
        """Clear away what a step may have left: its process may have died, or have lost the lock, before it could.

        What cannot be cleared away is written down with the command that does it; the verdict is another matter.
        """
        states = self.recorder.state.steps
        for step in self.steps:
            is_clear = states[step.name].status in {StepStatus.DONE, StepStatus.REVERTED}
            if isinstance(step, TidyStep) and not is_clear and step.may_leave(self._context(step)):
                self._revert(step)

    def _undo(self) -> bool:
        """Undo every started change, last first, also after one that could not be; return whether all of it is.

        Code is not brought back onto a schema that it cannot run on: where the schema has no way back, or did not
        find it, everything stays as it is.
        """
        started = to_undo(self.recorder.state, self.steps)
        schema = [step for step in started if isinstance(step, SchemaStep)]
        barred = [step for step in schema if not step.is_open(self._context(step))]
        is_undone = True
        for step in barred or started:
            is_back = self._revert(step)
            is_undone = is_undone and is_back
            if step in schema and not is_back:
                break
        return is_undone

    def _changed_something(self) -> bool:
        """Return whether any step that changes the world was started."""
        return any(
            step.kind is StepKind.CHANGE and self.recorder.state.steps[step.name].was_started for step in self.steps
        )

    def _revert(self, step: Step) -> bool:
        """Undo one step and return whether that is proven."""
        self.recorder.write(EntryKind.REVERT_STARTED, step.name)
        proof = self._guarded(EntryKind.REVERT_FAILED, step, lambda: step.revert(self._context(step)))
        if proof is None:
            return False
        self.recorder.write(EntryKind.REVERT_DONE, step.name, **_observed(proof))
        return True

    def _no_go_code(self) -> ExitCode:
        """Return the exit code of a gate's failure: its error's own where nothing changed because of it."""
        failed = self.recorder.state.failed_step
        code = failed.code if failed else ExitCode.NO_GO
        own = {LockHeldError.exit_code, UnreachableError.exit_code}
        return ExitCode(code) if code in own else ExitCode.NO_GO

    def _ending(self, verdict: Verdict, exit_code: ExitCode) -> Ending:
        """Return the end of a release that did not go through, with the reason a person needs."""
        state = self.recorder.state
        failed = state.failed_step
        failure = failed.failure if failed else None
        stuck = next((step for step in state.steps.values() if step.revert_failure), None)
        hint = stuck.revert_failure.hint if stuck and stuck.revert_failure else (failure.hint if failure else "")
        return Ending(
            verdict=verdict,
            exit_code=exit_code,
            reason=failure.message if failure else state.turned or "stopped",
            where=failed.name if failed else "",
            hint=hint or self._look_around(),
        )

    def _look_around(self) -> str:
        """Return the command that shows more, where the error names none."""
        target = self.config.target
        if target.stack:
            return "invoke deploy.rehearse --keep, then: invoke stack.logs --name api (or worker, coolify, postgres)"
        return f"invoke health.check --env {target.name}"

    def _end(self, ending: Ending) -> None:
        """Write the end down with what the service says now, and give the lock back."""
        self.recorder.write(
            EntryKind.RELEASE_ENDED,
            verdict=ending.verdict.value,
            exit_code=int(ending.exit_code),
            reason=ending.reason,
            where=ending.where,
            hint=ending.hint,
            serving_commit=self.recorder.world.service.ready().commit,
        )
        self._unlock()

    def _unlock(self) -> None:
        """Give the lock back."""
        self.recorder.ledger.release()

    def _context(self, step: Step) -> Context:
        """Return what a step is handed now."""
        return Context(
            world=self.recorder.world,
            config=self.config,
            plan=self.recorder.plan,
            notes=self.recorder.state.notes,
            note=lambda notes: self.recorder.write(EntryKind.STEP_NOTED, step.name, notes=dict(notes)),
        )


class _WeighedError(StepFailedError):
    """A proof that holds a blocking finding."""

    def __init__(self, step: Step, proof: Proof) -> None:
        blocking = [finding for finding in proof.findings if finding.severity is Severity.BLOCK]
        message = "; ".join(finding.message for finding in blocking)
        super().__init__(f"{step.name}-blocked", message, hint=blocking[0].hint)
        self.proof = proof


def _weighed(step: Step, proof: Proof) -> Proof:
    """Return a proof without a blocking finding; raise one that has."""
    if any(finding.severity is Severity.BLOCK for finding in proof.findings):
        raise _WeighedError(step, proof)
    return proof


def _observed(proof: Proof) -> dict[str, Any]:
    """Return a proof as an entry's data."""
    return {"evidence": dict(proof.evidence), "findings": codec.findings_to_json(tuple(proof.findings))}


def _interruption(state: journal.State) -> InterruptedReleaseError:
    """Return what somebody who stopped a release must know: where it stands, and how to go on."""
    plan = state.plan
    done = [step.name for step in state.steps.values() if step.status is StepStatus.DONE]
    open_ = [step.name for step in state.steps.values() if step.is_open]
    under_way = f"{open_[0]} was under way" if open_ else "no step was under way"
    message = f"{plan.kind.value} {plan.release_id} was interrupted: {under_way}, done are {', '.join(done) or 'none'}"
    why = f"what {open_[0]} began may have had its effect; whoever goes on looks for it first" if open_ else ""
    env = f"--env {plan.environment}"
    hint = f"go on: invoke deploy.resume {env}; or back: invoke deploy.abort {env}"
    return InterruptedReleaseError("interrupted", message, where=open_[0] if open_ else "", why=why, hint=hint)


def _opening(plan: Plan, world: World) -> dict[str, Any]:
    """Return the data of a release's first entry."""
    return {"plan": codec.plan_to_json(plan), "who": world.operator}


def _unexpected(error: Exception) -> dict[str, str]:
    """Return the form of an error that nobody foresaw; its text may hold a secret, so only its kind is kept."""
    bug = NeedsPersonError("unexpected", f"an unexpected {type(error).__name__} stopped the step")
    return {key: str(value) for key, value in codec.error_to_json(bug).items()}
