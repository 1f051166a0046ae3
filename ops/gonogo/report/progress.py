"""A release while it runs: what each journal entry says, and where every step stands.

May not print, may not read a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from gonogo import artifacts, codec, journal
from gonogo.model import Entry, EntryKind, Plan, Severity, StepStatus, Verdict
from gonogo.report import words
from gonogo.report.lines import Tone

# Longer lists are counted.
_MOST = 3
_ENDS = {EntryKind.STEP_DONE, EntryKind.STEP_FAILED}
_REVERT_ENDS = {EntryKind.REVERT_DONE, EntryKind.REVERT_FAILED}
_OPEN = {StepStatus.RUNNING, StepStatus.REVERTING}
_TONES = {
    StepStatus.DONE: Tone.GOOD,
    StepStatus.FAILED: Tone.BAD,
    StepStatus.REVERT_FAILED: Tone.BAD,
    StepStatus.REVERTING: Tone.WARN,
    StepStatus.REVERTED: Tone.WARN,
    StepStatus.RUNNING: Tone.TITLE,
}


class Row(NamedTuple):
    """Where one step stands.

    Attributes:
        took: its seconds so far, in words; empty when it has not begun.
        note: the last thing that it wrote down, or what it will do.
        is_open: whether it is at work.
    """

    status: StepStatus
    name: str
    took: str
    note: str
    tone: Tone
    is_open: bool


def begin(plan: Plan, past: Sequence[Entry] = ()) -> journal.State:
    """Return the state to follow a release from; `past` are the entries of one that is resumed."""
    steps = {step.name: journal.StepState(name=step.name) for step in plan.steps}
    state = journal.State(plan=plan, steps=steps, started_at=plan.created_at)
    for entry in past:
        state = advance(state, entry)
    return state


def advance(state: journal.State, entry: Entry) -> journal.State:
    """Return the state after one more entry, the first one included."""
    if entry.kind is EntryKind.RELEASE_STARTED:
        return replace(state, started_at=entry.at)
    return journal.follow(state, entry)


def opens(entry: Entry) -> bool:
    """Return whether a step, or its undoing, begins with this entry."""
    return entry.kind in {EntryKind.STEP_STARTED, EntryKind.REVERT_STARTED}


def event(entry: Entry, state: journal.State) -> tuple[str, ...]:
    """Return an entry as plain lines: the event, and below it every finding that is not simply fine.

    A note that only a resume reads is no line.

    Args:
        entry: what was written.
        state: the release's state with it.
    """
    said = words.one_line(_said(entry, state))
    if entry.kind is EntryKind.STEP_NOTED and not said:
        return ()
    elapsed = max(0.0, (entry.at - state.started_at).total_seconds())
    head = f"{elapsed:7.1f}s  {entry.step or state.plan.kind.value:<14}  {words.EVENTS[entry.kind]:<11}"
    parts = [head, f"{_took(entry, state):>8}", said]
    return ("  ".join(parts).rstrip(), *(f"{'':9} {line}" for line in _findings(entry)))


def rows(state: journal.State, *, running_s: float) -> tuple[Row, ...]:
    """Return where every step stands; `running_s` is how long the open one has been at work, seconds."""
    intents = {step.name: step.intent for step in state.plan.steps}
    return tuple(_row(step, intents[step.name], running_s=running_s) for step in state.steps.values())


def _row(step: journal.StepState, intent: str, *, running_s: float) -> Row:
    """Return where one step stands."""
    return Row(
        status=step.status,
        name=step.name,
        took=words.seconds(running_s) if step.status in _OPEN else _whole(step),
        note=words.one_line(_note(step) or intent),
        tone=_TONES.get(step.status, Tone.PLAIN),
        is_open=step.status in _OPEN,
    )


def _whole(step: journal.StepState) -> str:
    """Return the seconds that an ended step took; empty when it has not begun."""
    return words.seconds(_between(step.started_at, step.ended_at)) if step.ended_at else ""


def _note(step: journal.StepState) -> str:
    """Return the last thing that a step wrote down; empty when it wrote nothing."""
    failure = step.revert_failure or step.failure
    if failure:
        return failure.message
    if step.status is StepStatus.REVERTED:
        return f"undone in {words.seconds(_between(step.revert_started_at, step.revert_ended_at))}"
    return _told(dict(list(_plain(step.notes).items())[-1:])) if step.status in _OPEN else _told(step.evidence)


def _between(start: datetime | None, end: datetime | None) -> float:
    """Return the seconds between two times, never negative; zero when one is not known."""
    return max(0.0, (end - start).total_seconds()) if start and end else 0.0


def _took(entry: Entry, state: journal.State) -> str:
    """Return how long the step, or its undoing, took that ended with an entry; empty for other entries."""
    if entry.step is None or entry.kind not in _ENDS | _REVERT_ENDS:
        return ""
    step = state.steps[entry.step]
    start = step.started_at if entry.kind in _ENDS else step.revert_started_at
    return words.seconds(_between(start, entry.at)) if start else ""


def _said(entry: Entry, state: journal.State) -> str:
    """Return what an entry says beside its kind."""
    match entry.kind:
        case EntryKind.RELEASE_STARTED:
            plan, back = state.plan, "back from " if state.plan.kind.goes_back else ""
            return f"{plan.environment}: {back}{' to '.join(plan.ends)}"
        case EntryKind.STEP_FAILED | EntryKind.REVERT_FAILED:
            return codec.texts(entry.data["error"])["message"]
        case EntryKind.STEP_NOTED:
            return _told(_plain(entry.data.get("notes", {})))
        case EntryKind.RELEASE_ENDED:
            title = words.title(Verdict(str(entry.data["verdict"])), state.plan.kind).lower()
            return f"{title}: {entry.data['reason']}" if entry.data.get("reason") else title
        case _:
            return _rest(entry)


def _rest(entry: Entry) -> str:
    """Return the one text of an entry's data, or its evidence."""
    texts = codec.texts({name: value for name, value in entry.data.items() if name in {"intent", "why", "who"}})
    already = ["was so already"] if entry.data.get("already") else []
    return ", ".join([*already, *texts.values(), _told(codec.texts(entry.data.get("evidence", {})))]).strip(", ")


def _plain(notes: object) -> dict[str, object]:
    """Return the notes that a line can say, numbers and artifacts as people read them; the rest is for a resume."""
    told = {str(name): _short(value) for name, value in notes.items()} if isinstance(notes, Mapping) else {}
    return {name: value for name, value in told.items() if value is not None}


def _short(value: object) -> object:
    """Return a note's value as a line can say it; None when it cannot."""
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, Mapping):
        is_pin = value.keys() == {"kind", "ref", "image"}
        return artifacts.words(codec.pin_from_json(dict(value))) if is_pin else None
    if isinstance(value, list | tuple):
        is_short = len(value) <= _MOST and all(isinstance(each, str | int) for each in value)
        return " ".join(map(str, value)) or "none" if is_short else f"{len(value)} of them"
    return value


def _told(pairs: Mapping[str, object]) -> str:
    """Return names and values in words."""
    return ", ".join(f"{name} {value}" for name, value in pairs.items())


def _findings(entry: Entry) -> list[str]:
    """Return an entry's findings that block or advise, each with its hint."""
    found = codec.findings_from_json(entry.data.get("findings", []))
    return [
        f"{words.SEVERITIES[one.severity]:<8} {one.rule}: {words.one_line(f'{one.message} > {one.hint}'.rstrip('> '))}"
        for one in found
        if one.severity is not Severity.INFO
    ]
