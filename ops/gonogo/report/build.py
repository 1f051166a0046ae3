"""Entries and traffic into a `Report`.

May not decide anything: every word comes from the journal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from gonogo import journal
from gonogo.errors import ExitCode
from gonogo.model import (
    Compared,
    Entry,
    EntryKind,
    Finding,
    Pause,
    Plan,
    Report,
    Request,
    Severity,
    StepReport,
    StepStatus,
)

_OPEN = {StepStatus.RUNNING, StepStatus.REVERTING}


def render(entries: Sequence[Entry], requests: Sequence[Request] = (), *, track: Sequence[Compared] = ()) -> Report:
    """Return what came of a release, finished or not.

    Args:
        entries: every entry of one release, oldest first.
        requests: the traffic that ran during it.
        track: predictions and what happened, of earlier releases.

    Raises:
        ValueError: the first entry does not start a release.
    """
    state = journal.replay(entries)
    pauses = _pauses(entries)
    ending = state.ending if state.is_ended else _unfinished(state, entries)
    last_at = max(entry.at for entry in entries)
    return Report(
        release_id=state.plan.release_id,
        environment=state.plan.environment,
        verdict=state.verdict,
        exit_code=int(ending["exit_code"]),
        reason=str(ending.get("reason", "")),
        where=str(ending.get("where", "")),
        hint=str(ending.get("hint", "")),
        previous_commit=state.plan.previous_commit,
        target_commit=state.plan.target_commit,
        subject=state.plan.subject,
        serving_commit=_text_or_none(ending.get("serving_commit")),
        started_at=state.started_at,
        ended_at=state.ended_at,
        steps=_with_plan(tuple(_step(step, last_at, pauses) for step in state.steps.values()), state.plan),
        pending=state.plan.pending,
        way_back=state.plan.way_back,
        requests=tuple(sorted(requests, key=lambda request: request.at)),
        kind=state.plan.kind,
        forecast=state.plan.forecast,
        trial=state.trial,
        compared=state.compared,
        track=tuple(track),
        pauses=pauses,
    )


def _unfinished(state: journal.State, entries: Sequence[Entry]) -> Mapping[str, Any]:
    """Return an ending for a release whose journal has none yet."""
    step = _last_step(state, entries)
    failure = state.failed_step.failure if state.failed_step else None
    return {
        "exit_code": int(ExitCode.INTERRUPTED),
        "reason": failure.message if failure else _why_it_stopped(entries, step),
        "where": state.failed_step.name if state.failed_step else step,
        "hint": f"invoke deploy.resume --env {state.plan.environment}",
    }


def _last_step(state: journal.State, entries: Sequence[Entry]) -> str:
    """Return the step that is open, else the last one that was written about; empty when none was."""
    names = [step.name for step in state.steps.values() if step.status in _OPEN]
    names += [entry.step for entry in reversed(entries) if entry.step]
    return names[0] if names else ""


def _why_it_stopped(entries: Sequence[Entry], step: str) -> str:
    """Return the last interruption's reason when nothing came after it, else what the journal's end shows."""
    last = entries[-1]
    if last.kind is EntryKind.INTERRUPTED:
        return f"interrupted: {last.data.get('why', 'no reason was given')}"
    return f"the journal ends in step {step}" if step else "the journal ends before the first step"


def _pauses(entries: Sequence[Entry]) -> tuple[Pause, ...]:
    """Return when nobody was at a release: before each time that it was gone on with, since the entry before."""
    return tuple(
        Pause(started_at=before.at, seconds=(after.at - before.at).total_seconds())
        for before, after in pairwise(entries)
        if after.kind is EntryKind.RESUMED and after.at > before.at
    )


def _step(step: journal.StepState, last_at: datetime, pauses: Sequence[Pause]) -> StepReport:
    """Return what came of one step; one that is still open lasts until the journal's last entry."""
    was_cut = step.ended_at is None and step.revert_started_at is not None
    end = step.ended_at or step.revert_started_at or last_at
    worked, idle_s = _stretch(step.started_at, end, pauses)
    undone, idle_undone_s = _stretch(step.revert_started_at, step.revert_ended_at or last_at, pauses)
    return StepReport(
        name=step.name,
        status=step.status,
        started_at=step.started_at,
        seconds=worked,
        revert_started_at=step.revert_started_at,
        reverted_seconds=undone,
        findings=_findings(step),
        evidence={name: str(value) for name, value in step.evidence.items()},
        idle_s=idle_s + idle_undone_s,
        was_cut=was_cut,
    )


def _stretch(start: datetime | None, end: datetime, pauses: Sequence[Pause]) -> tuple[float | None, float]:
    """Return the seconds of work between two times, never negative, and those of pauses; None without a start."""
    if start is None:
        return None, 0.0
    idle_s = sum(pause.seconds for pause in pauses if start <= pause.started_at < end)
    return max(0.0, (end - start).total_seconds() - idle_s), idle_s


def _findings(step: journal.StepState) -> tuple[Finding, ...]:
    """Return a step's findings, its failures among them, each said once."""
    said = {finding.message for finding in step.findings}
    failures = [failure for failure in (step.failure, step.revert_failure) if failure and failure.message not in said]
    return (*step.findings, *(_as_finding(failure) for failure in failures))


def _as_finding(failure: journal.Failure) -> Finding:
    """Return a step's error as a finding that blocks."""
    about = "; ".join(part for part in (failure.where, failure.why) if part)
    message = f"{failure.message} ({about})" if about else failure.message
    return Finding(rule=failure.reference, severity=Severity.BLOCK, message=message, hint=failure.hint)


def _with_plan(steps: tuple[StepReport, ...], plan: Plan) -> tuple[StepReport, ...]:
    """Return the steps, the first one with those of the plan's findings that no step repeated."""
    if not steps:
        return ()
    first, *others = steps
    seen = {finding.rule for finding in first.findings}
    unsaid = tuple(finding for finding in plan.findings if finding.rule not in seen)
    return (replace(first, findings=unsaid + first.findings), *others)


def _text_or_none(value: object) -> str | None:
    """Return a commit as text; None for one that is not known."""
    return str(value) if value else None
