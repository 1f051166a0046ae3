"""What an entry means: replay a release's entries into a state, and say how to go on from there.

May not know where entries are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gonogo import codec, trying
from gonogo.errors import LedgerError
from gonogo.model import Compared, Entry, EntryKind, Finding, Plan, Snapshot, StepStatus, Trial, Verdict

_STATUS_AFTER = {
    EntryKind.STEP_STARTED: StepStatus.RUNNING,
    EntryKind.STEP_DONE: StepStatus.DONE,
    EntryKind.STEP_FAILED: StepStatus.FAILED,
    EntryKind.REVERT_STARTED: StepStatus.REVERTING,
    EntryKind.REVERT_DONE: StepStatus.REVERTED,
    EntryKind.REVERT_FAILED: StepStatus.REVERT_FAILED,
}
_BACKWARD = {StepStatus.FAILED, StepStatus.REVERTING, StepStatus.REVERTED, StepStatus.REVERT_FAILED}
_OPEN = {StepStatus.RUNNING, StepStatus.REVERTING}
# What a step notes while it is undone begins with this.
_UNDOING = "revert_"


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

    @property
    def is_open(self) -> bool:
        """Return whether it was under way at the last entry."""
        return self.status in _OPEN

    @property
    def has_turned(self) -> bool:
        """Return whether it turned the release round, or was undone since."""
        return self.status in _BACKWARD


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """Where a release stands, by its entries.

    Attributes:
        ending: the data of the last entry; empty while the release is unfinished.
        turned: why a person let it go back; empty when nobody did.
    """

    plan: Plan
    steps: Mapping[str, StepState]
    started_at: datetime
    ended_at: datetime | None = None
    verdict: Verdict = Verdict.UNFINISHED
    ending: Mapping[str, Any] = field(default_factory=dict)
    turned: str = ""

    @property
    def is_ended(self) -> bool:
        """Return whether its end is written down."""
        return self.ended_at is not None

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to do: an end that needs a person can be taken up again."""
        return self.is_ended and self.verdict is not Verdict.NEEDS_PERSON

    @property
    def signed_off(self) -> Snapshot | None:
        """Return the snapshot that it was signed off with; None before that, and before releases recorded one."""
        noted = self.notes.get("sign-off", {}).get("snapshot")
        return codec.snapshot_from_json(noted) if noted else None

    @property
    def trial(self) -> Trial | None:
        """Return what came of trying its migrations on a copy; None where nobody tried, or before trials were noted."""
        return codec.noted_trial(self.notes.get("migration-gate", {}))

    @property
    def compared(self) -> tuple[Compared, ...]:
        """Return how long its migrations took beside what their trial said; none before they were applied."""
        return trying.compared_from_json(self.notes.get("migrate", {}).get("compared", []))

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
        LedgerError: they are none that this version could have written.
    """
    if entries and entries[0].kind is not EntryKind.RELEASE_STARTED:
        raise unreadable(entries[0].release_id, f"entry {entries[0].seq} does not start a release")
    try:
        return _replayed(entries)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise unreadable(entries[0].release_id if entries else "without entries") from None


def unreadable(release_id: str, where: str = "") -> LedgerError:
    """Return the error of a release whose entries are damaged, or written by a newer version."""
    message = f"what is written down of release {release_id} cannot be read"
    why = "it was damaged, or a newer version of this toolkit wrote it; nothing is done on a guess"
    hint = "use the version that wrote it, or mend the ledger from a copy; then: invoke deploy.status"
    return LedgerError("journal-unreadable", message, where=where, why=why, hint=hint)


def _replayed(entries: Sequence[Entry]) -> State:
    """Return the state of a release by its entries."""
    first, *rest = entries
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
    if entry.kind is EntryKind.TURNED:
        return replace(state, turned=str(entry.data["why"]))
    if entry.kind is EntryKind.RESUMED and state.is_ended:
        return _taken_up(state)
    if entry.step is None:
        return state
    step = _step_after(state.steps[entry.step], entry)
    return replace(state, steps={**state.steps, entry.step: step})


def _taken_up(state: State) -> State:
    """Return the state of a release that had ended and needed a person, who says that it may be gone on with.

    The person may have changed anything: what was undone is proven again, and each undoing begins anew.
    """
    steps = {name: _to_undo_anew(step) for name, step in state.steps.items()}
    return replace(state, steps=steps, ended_at=None, verdict=Verdict.UNFINISHED, ending={})


def _to_undo_anew(step: StepState) -> StepState:
    """Return a step whose undoing is open, without what the last try noted."""
    if step.status not in {StepStatus.REVERTING, StepStatus.REVERTED, StepStatus.REVERT_FAILED}:
        return step
    notes = {name: value for name, value in step.notes.items() if not name.startswith(_UNDOING)}
    return replace(step, status=StepStatus.REVERTING, notes=notes)


def _step_after(step: StepState, entry: Entry) -> StepState:
    """Return the step's state after one of its entries."""
    data = entry.data
    return replace(
        step,
        status=_STATUS_AFTER.get(entry.kind, step.status),
        notes={**step.notes, **data.get("notes", {})},  # type: ignore[dict-item]  # JSON object by the codec
        evidence={**step.evidence, **_evidence(entry)},
        findings=step.findings + codec.findings_from_json(data.get("findings", [])),
        **_times(step, entry),
        **_failures(entry),
    )


def _evidence(entry: Entry) -> Mapping[str, str]:
    """Return an entry's evidence; what was seen after undoing stands beside what was seen before."""
    seen = codec.texts(entry.data.get("evidence", {}))
    return {f"{name}, undone": value for name, value in seen.items()} if entry.kind is EntryKind.REVERT_DONE else seen


def _times(step: StepState, entry: Entry) -> dict[str, Any]:
    """Return the entry's time where it belongs in a step; a resumed step keeps its first start."""
    match entry.kind:
        case EntryKind.STEP_STARTED:
            return {"started_at": step.started_at or entry.at}
        case EntryKind.STEP_DONE | EntryKind.STEP_FAILED:
            return {"ended_at": entry.at}
        case EntryKind.REVERT_STARTED:
            return {"revert_started_at": step.revert_started_at or entry.at}
        case EntryKind.REVERT_DONE | EntryKind.REVERT_FAILED:
            return {"revert_ended_at": entry.at}
        case _:
            return {}


def _failures(entry: Entry) -> dict[str, Any]:
    """Return the entry's error where it belongs in a step; what went well clears the last try's."""
    match entry.kind:
        case EntryKind.STEP_FAILED:
            return {"failure": _failure(entry)}
        case EntryKind.REVERT_FAILED:
            return {"revert_failure": _failure(entry)}
        case EntryKind.REVERT_DONE:
            return {"revert_failure": None}
        case EntryKind.STEP_DONE:
            return {"failure": None}
        case _:
            return {}


def _failure(entry: Entry) -> Failure:
    """Return the error that an entry holds."""
    error = dict(codec.texts(entry.data["error"]))
    return Failure(**{**error, "code": int(error.get("code", 1))})  # type: ignore[arg-type]  # texts but the code
