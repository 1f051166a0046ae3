"""What an entry means: replay a release's entries into a state, and say how to go on from there.

May not know where entries are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gonogo import codec
from gonogo.model import Entry, EntryKind, Finding, Plan, StepStatus, Verdict

_STATUS_AFTER = {
    EntryKind.STEP_STARTED: StepStatus.RUNNING,
    EntryKind.STEP_DONE: StepStatus.DONE,
    EntryKind.STEP_FAILED: StepStatus.FAILED,
    EntryKind.REVERT_STARTED: StepStatus.REVERTING,
    EntryKind.REVERT_DONE: StepStatus.REVERTED,
    EntryKind.REVERT_FAILED: StepStatus.REVERT_FAILED,
}
_STARTS = {EntryKind.STEP_STARTED, EntryKind.REVERT_STARTED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """The error of a step, as it was written down; `code` is its exit code."""

    reference: str
    message: str
    where: str = ""
    why: str = ""
    hint: str = ""
    code: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class StepState:
    """Where one step stands, by its entries.

    Attributes:
        notes: everything that the step wrote down so far: ids while it ran, evidence when it was done.
        evidence: the part of it that a person reads.
        failure: why it failed; None when it did not.
        revert_failure: why it could not be undone; None when it could.
    """

    name: str
    status: StepStatus = StepStatus.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    revert_started_at: datetime | None = None
    revert_ended_at: datetime | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    revert_failure: Failure | None = None

    @property
    def code(self) -> int:
        """Return the exit code of its failure; 1 when there is none."""
        return self.failure.code if self.failure else 1

    @property
    def was_started(self) -> bool:
        """Return whether it may have had an effect."""
        return self.status is not StepStatus.PENDING


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Where a release stands, by its entries.

    Attributes:
        ending: the data of the last entry; empty while the release is unfinished.
    """

    plan: Plan
    steps: Mapping[str, StepState]
    started_at: datetime
    ended_at: datetime | None = None
    verdict: Verdict = Verdict.UNFINISHED
    ending: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_ended(self) -> bool:
        """Return whether nothing is left to do."""
        return self.ended_at is not None

    @property
    def failed_step(self) -> StepState | None:
        """Return the step whose failure turned the release round; None when none did."""
        return next((step for step in self.steps.values() if step.failure), None)

    @property
    def notes(self) -> dict[str, Mapping[str, Any]]:
        """Return what each step wrote down, by its name."""
        return {name: step.notes for name, step in self.steps.items()}


def replay(entries: Sequence[Entry]) -> State:
    """Return the state that the entries of one release add up to.

    Raises:
        ValueError: the first entry does not start a release.
    """
    first, *rest = entries
    if first.kind is not EntryKind.RELEASE_STARTED:
        message = f"entry {first.seq} does not start a release"
        raise ValueError(message)
    plan = codec.plan_from_json(first.data["plan"])
    steps = {step.name: StepState(name=step.name) for step in plan.steps}
    state = State(plan=plan, steps=steps, started_at=first.at)
    for entry in rest:
        state = follow(state, entry)
    return state


def follow(state: State, entry: Entry) -> State:
    """Return the state after one more entry."""
    if entry.kind is EntryKind.RELEASE_ENDED:
        verdict = Verdict(str(entry.data["verdict"]))
        return replace(state, ended_at=entry.at, verdict=verdict, ending=entry.data)
    if entry.step is None:
        return state
    step = _step_after(state.steps[entry.step], entry)
    return replace(state, steps={**state.steps, entry.step: step})


def _step_after(step: StepState, entry: Entry) -> StepState:
    """Return the step's state after one of its entries."""
    data = entry.data
    notes = {**step.notes, **data.get("notes", {})}  # type: ignore[dict-item]  # JSON object by the codec
    evidence = {**step.evidence, **_evidence(entry)}
    step = replace(step, status=_STATUS_AFTER.get(entry.kind, step.status), notes=notes, evidence=evidence)
    step = replace(step, findings=step.findings + codec.findings_from_json(data.get("findings", [])))
    return _with_failure(_with_times(step, entry), entry)


def _evidence(entry: Entry) -> Mapping[str, str]:
    """Return an entry's evidence; what was seen after undoing stands beside what was seen before."""
    seen = codec.texts(entry.data.get("evidence", {}))
    return {f"{name}, undone": value for name, value in seen.items()} if entry.kind is EntryKind.REVERT_DONE else seen


def _with_times(step: StepState, entry: Entry) -> StepState:
    """Return the step with the entry's time where it belongs; a resumed step keeps its first start."""
    match entry.kind:
        case EntryKind.STEP_STARTED:
            return replace(step, started_at=step.started_at or entry.at)
        case EntryKind.STEP_DONE | EntryKind.STEP_FAILED:
            return replace(step, ended_at=entry.at)
        case EntryKind.REVERT_STARTED:
            return replace(step, revert_started_at=step.revert_started_at or entry.at)
        case EntryKind.REVERT_DONE | EntryKind.REVERT_FAILED:
            return replace(step, revert_ended_at=entry.at)
        case _:
            return step


def _with_failure(step: StepState, entry: Entry) -> StepState:
    """Return the step with the entry's error where it belongs; a revert that went well clears the last try's."""
    if entry.kind is EntryKind.STEP_FAILED:
        return replace(step, failure=_failure(entry))
    if entry.kind is EntryKind.REVERT_FAILED:
        return replace(step, revert_failure=_failure(entry))
    if entry.kind is EntryKind.REVERT_DONE:
        return replace(step, revert_failure=None)
    return step


def _failure(entry: Entry) -> Failure:
    """Return the error that an entry holds."""
    error = dict(codec.texts(entry.data["error"]))
    return Failure(**{**error, "code": int(error.get("code", 1))})  # type: ignore[arg-type]  # texts but the code
