"""What stood on an environment one after the other, by its releases: which of them can be gone back to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from gonogo import advice
from gonogo.errors import NoGoError, UsageError
from gonogo.journal import State
from gonogo.model import Compared, PlanKind, Revision, Snapshot, StepStatus, Trial, Verdict, version_of
from gonogo.retreat import Goal

_SHORTEST = 7
# What brings the schema further, and takes a backup before.
_UPGRADING = {PlanKind.RELEASE, PlanKind.MIGRATION}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stand:
    """One version that stood there and was good.

    Attributes:
        release_id: what brought it; empty when a release only found it there.
        snapshot: how it was set up; None when nobody wrote it down.
    """

    commit: str
    release_id: str
    subject: str
    snapshot: Snapshot | None


def goal(states: Sequence[State], *, environment: str, serving: str | None, wanted: str = "") -> Goal:
    """Return what to go back to.

    Args:
        states: every release to the environment, newest first.
        environment: where.
        serving: the commit that serves now; None when nothing says.
        wanted: a release's id, or a commit or the beginning of one; empty for what stood before what serves.

    Raises:
        NoGoError: nothing stood there before.
        UsageError: what is wanted never stood there, or was never good.
    """
    upgrades = [state.plan for state in reversed(states) if state.plan.kind in _UPGRADING]
    states = [state for state in states if state.plan.kind.moves_code]
    good = _stands(states)
    stand = _named(states, good, environment, wanted) if wanted else _before(_line(states), environment, serving)
    found = _better(stand, good.get(stand.commit, stand))
    return Goal(
        commit=found.commit,
        release_id=found.release_id,
        subject=found.subject,
        snapshot=found.snapshot,
        dumps={
            each.id: plan.release_id for plan in upgrades for each in plan.pending
        },  # the last to find it not applied
    )


def replaced(states: Sequence[State], commit: str) -> tuple[datetime, ...]:
    """Return when each release began that was to replace a version, oldest first, however it ended.

    Before the first of them nobody wrote what the version does not know; one that failed may have written it, too.
    """
    tried = (each for each in reversed(states) if _is_forward(each) and each.plan.previous_commit == commit)
    return tuple(each.started_at for each in tried)


def trial_of(states: Iterable[State], ids: Sequence[str]) -> Trial | None:
    """Return the newest trial of just these migrations; None where nobody held one.

    Args:
        states: releases to an environment, newest first.
        ids: of the migrations, oldest first.
    """
    trials = (trial for state in states if (trial := state.trial))
    return next((each for each in trials if [one.revision for one in each.traced] == [*ids]), None)


def track(states: Sequence[State], *, before: str, most: int = 20) -> tuple[Compared, ...]:
    """Return how long migrations took beside what their trials said, of the releases before one, newest first.

    Args:
        states: every release to an environment, newest first.
        before: the id of the release whose own are left out, and those of later ones.
        most: no more than so many.
    """
    ids = [state.plan.release_id for state in states]
    earlier = states[ids.index(before) + 1 :] if before in ids else states
    found = (replace(each, release_id=state.plan.release_id) for state in earlier for each in state.compared)
    return tuple(islice(found, most))


def last(states: Sequence[State]) -> str:
    """Return the commit that stood there last and was good; empty when there was none."""
    return next((stand.commit for stand in _line([each for each in states if each.plan.kind.moves_code])[-1:]), "")


def runs(states: Sequence[State], commit: str, newer: Sequence[Revision]) -> bool | None:
    """Return whether a version was seen to run on the schema that some newer migrations leave; None when nobody tried.

    That it runs is proved by a trial of this very version on this very schema alone: that each release in between ran
    on the next one's schema proves nothing of an older one. That one of them did not is held against the older, too.

    Args:
        states: every release to the environment, newest first.
        commit: the version.
        newer: the migrations that it does not know, oldest first.
    """
    trials = [trial for state in states if (trial := _trial(state))]
    if any(advice.runs(trial, newer) is False for trial in trials):
        return False
    return next((True for trial in trials if advice.runs(trial, newer, elder=commit)), None)


def lost(states: Sequence[State], newer: Sequence[Revision]) -> tuple[str, ...]:
    """Return what some migrations took away, as their trials measured it, a sentence each."""
    trials = (trial for state in states if (trial := _trial(state)))
    return tuple(dict.fromkeys(sentence for trial in trials for sentence in advice.lost(trial, newer)))


def tried(states: Sequence[State], *, target: str, start: str | None) -> Trial | None:
    """Return the newest trial of a target's migrations from one schema on, whatever became of its release."""
    same = (each for each in states if (each.plan.target_commit, each.plan.start_revision) == (target, start))
    return next((trial for state in same if (trial := state.trial)), None)


def _trial(state: State) -> Trial | None:
    """Return the trial of a release whose migrations were applied; one of what was never applied says nothing."""
    step = state.steps.get("migrate")
    return state.trial if step and step.status is StepStatus.DONE else None


def commits(states: Sequence[State]) -> tuple[str, ...]:
    """Return every commit that was released or tried, newest first, each once."""
    return tuple(dict.fromkeys(state.plan.target_commit for state in states))


def _line(states: Sequence[State]) -> tuple[_Stand, ...]:
    """Return what stood there and was good, oldest first; what was gone back from is not among it any more."""
    line: list[_Stand] = []
    failed = _failed(states)
    for state in (each for each in reversed(states) if _is_good(each)):
        found, brought = _found(state), _brought(state)
        if found and _is_forward(state) and found.commit not in failed | {each.commit for each in line[-1:]}:
            line.append(found)
        if not _is_forward(state) and brought.commit in {each.commit for each in line}:
            while line[-1].commit != brought.commit:
                line.pop()
        elif line and line[-1].commit == brought.commit:
            line[-1] = brought
        else:
            line.append(brought)
    return tuple(line)


def _before(line: Sequence[_Stand], environment: str, serving: str | None) -> _Stand:
    """Return what stood there before what serves; the last of all where something else serves.

    Where nothing answers, what stood there last is taken for what serves.
    """
    serving = serving or next((stand.commit for stand in line[-1:]), None)
    places = [place for place, stand in enumerate(line) if stand.commit == serving]
    earlier = [stand for stand in line[: places[-1] if places else None] if stand.commit != serving]
    if earlier:
        return earlier[-1]
    message = f"the ledger knows nothing that stood on {environment} before {version_of(serving)}"
    hint = (
        f"invoke deploy.history --env {environment}; or release an older commit: invoke deploy.plan --env {environment}"
    )
    raise NoGoError("nothing-to-go-back-to", message, hint=hint)


def _named(states: Sequence[State], good: Mapping[str, _Stand], environment: str, wanted: str) -> _Stand:
    """Return the release, or the version, of a name."""
    for state in states:
        if state.plan.release_id == wanted and _is_good(state):
            return _brought(state)
    matching = {commit: stand for commit, stand in good.items() if _is_named(commit, wanted)}
    if len(matching) == 1:
        return next(iter(matching.values()))
    shown = ", ".join(version_of(commit) for commit in good) or "none"
    raise UsageError(
        "no-such-release",
        f"{wanted!r} {_why_not(states, wanted, len(matching))}",
        why="only what was proven on an environment can be gone back to",
        hint=f"one of: {shown}; see: invoke deploy.history --env {environment}",
    )


def _why_not(states: Sequence[State], wanted: str, count: int) -> str:
    """Return why a name names nothing that can be gone back to."""
    if count:
        return f"names {count} versions"
    for state in states:
        if wanted == state.plan.release_id or _is_named(state.plan.target_commit, wanted):
            return f"was not released: release {state.plan.release_id} ended as {state.verdict.value}"
    return "names no release to this environment, and no commit that stood there"


def _stands(states: Sequence[State]) -> Mapping[str, _Stand]:
    """Return every version that was good, by its commit, newest first."""
    found: dict[str, _Stand] = {}
    failed = _failed(states)
    for state in (each for each in states if _is_good(each)):
        for stand in (_brought(state), _found(state)):
            if stand and (stand.release_id or stand.commit not in failed):
                known = found.setdefault(stand.commit, stand)
                found[stand.commit] = _better(known, stand)
    return found


def _better(known: _Stand, other: _Stand) -> _Stand:
    """Return the stand with a release's name and a snapshot, as far as one of the two has them."""
    named = known if known.release_id or not other.release_id else other
    snapshot = named.snapshot or known.snapshot or other.snapshot
    return _Stand(commit=named.commit, release_id=named.release_id, subject=named.subject, snapshot=snapshot)


def _brought(state: State) -> _Stand:
    """Return what a good release left."""
    plan = state.plan
    return _Stand(
        commit=plan.target_commit, release_id=plan.release_id, subject=plan.subject, snapshot=state.signed_off
    )


def _found(state: State) -> _Stand | None:
    """Return what a release found there; None when nothing said what it was."""
    plan = state.plan
    if not plan.previous_commit:
        return None
    subject = f"found there by release {plan.release_id}"
    return _Stand(commit=plan.previous_commit, release_id="", subject=subject, snapshot=plan.before)


def _failed(states: Sequence[State]) -> set[str]:
    """Return the commits whose releases all failed: what a later release finds of them is nothing to go back to."""
    tried = {state.plan.target_commit for state in states if state.is_ended and _is_forward(state)}
    return tried - {state.plan.target_commit for state in states if _is_good(state)}


def _is_good(state: State) -> bool:
    """Return whether a release ended well."""
    return state.verdict is Verdict.RELEASED


def _is_forward(state: State) -> bool:
    """Return whether it was a release and no rollback."""
    return state.plan.kind is PlanKind.RELEASE


def _is_named(commit: str, wanted: str) -> bool:
    """Return whether a name is a commit, or the beginning of one that is long enough."""
    return len(wanted) >= _SHORTEST and commit.startswith(wanted.lower())
