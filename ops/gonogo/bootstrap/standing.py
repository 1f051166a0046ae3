"""How an environment's schema stands: what was applied, by whom and how long it took; what waits, what is half done."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gonogo import journal, linting, prospects, schema
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError, ExitCode, NoGoError
from gonogo.linting.foreseeing import Reached
from gonogo.model import Entry, Finding, Foreseen, Judgement, MigrationRun, PlanKind, Severity, StepStatus

__all__ = ["Applied", "Status", "status"]
_LOOKED_AT = 50
# The step of each kind of plan that moves the schema, and which way.
_MOVES = {
    PlanKind.RELEASE: ("migrate", "up"),
    PlanKind.MIGRATION: ("migrate", "up"),
    PlanKind.ROLLBACK: ("downgrade", "down"),
    PlanKind.DOWNGRADE: ("downgrade", "down"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """One revision that was applied, or taken back.

    Attributes:
        direction: `up` or `down`.
        seconds: how long it took; None where nobody knows.
        attempts: None where nobody knows.
        who: empty where nobody knows.
        release_id: what did it; empty where no release of ours is known to have.
    """

    revision: str
    direction: str
    at: datetime
    seconds: float | None = None
    attempts: int | None = None
    who: str = ""
    release_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How a schema stands.

    Attributes:
        versions: the rows of Alembic's version table.
        heads: the newest revisions of this tree.
        applied: newest first.
        pending: ids, oldest first.
        findings: what is half done, or left over.
        waiting: who would be in the way of the pending migrations now.
        notes: what could not be looked at, and why.
    """

    versions: tuple[str, ...]
    heads: tuple[str, ...]
    applied: tuple[Applied, ...]
    pending: tuple[str, ...]
    findings: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Return 0 up to date, 3 migrations wait, 4 something is half done."""
        if any(each.severity is Severity.BLOCK for each in self.findings):
            return ExitCode.NO_GO
        return ExitCode.NOTHING_TO_DO if self.pending else ExitCode.RELEASED


def status(root: Path, target: Reached, judgement: Judgement, environment: str) -> Status:
    """Return how an environment's schema stands, for the migrations of this tree.

    Args:
        root: the folder that holds gonogo.toml.
        target: the environment's database.
        judgement: the tree's history.
        environment: its name in the ledger.

    Raises:
        UnreachableError: the database does not answer.
    """
    standing = target.catalog.standing()
    parents = judgement.parents
    pending: tuple[Foreseen, ...] = ()
    with suppress(NoGoError):  # a version that the tree does not know is a finding here
        wanted = linting.wanted_of(parents, frozenset(standing.versions), "")
        pending = prospects.foreseen(judgement, wanted, must_declare=True)
    entries = _entries(root, environment)
    return Status(
        versions=standing.versions,
        heads=judgement.heads,
        applied=_applied(standing.runs, entries),
        pending=tuple(each.revision.id for each in pending),
        findings=schema.problems(standing, list(parents), pending),
        waiting=schema.in_the_way(standing, pending),
        notes=(*judgement.notes, *standing.notes),
    )


def _entries(root: Path, environment: str) -> tuple[tuple[Entry, ...], ...]:
    """Return the entries of an environment's releases, newest first; none where there is no ledger."""
    try:
        ledger = wiring.kept_ledger(wiring.project(root))
    except ConfigurationError:
        return ()
    return tuple(ledger.read(each) for each in ledger.releases(environment)[:_LOOKED_AT]) if ledger else ()


def _applied(runs: Sequence[MigrationRun], entries: Sequence[tuple[Entry, ...]]) -> tuple[Applied, ...]:
    """Return what was applied: by the runner's own table where there is one, with what the ledger knows of it."""
    told = [each for one in entries for each in _of_release(one)]
    if not runs:
        return tuple(told)
    return tuple(_joined(run, told) for run in runs)


def _joined(run: MigrationRun, told: Sequence[Applied]) -> Applied:
    """Return a run with who did it and in which release: the one that was under way then."""
    same = (each for each in told if (each.revision, each.direction) == (run.revision, run.direction))
    by = next((each for each in same if each.at <= run.began_at), None)
    return Applied(
        revision=run.revision,
        direction=run.direction,
        at=run.began_at,
        seconds=run.seconds,
        attempts=run.attempts,
        who=by.who if by else run.by,
        release_id=by.release_id if by else "",
    )


def _of_release(entries: tuple[Entry, ...]) -> Iterator[Applied]:
    """Yield what a release applied or took back, newest first."""
    state = journal.replay(entries)
    name, direction = _MOVES.get(state.plan.kind, ("", ""))
    step = state.steps.get(name)
    if step is None or step.status is not StepStatus.DONE or step.started_at is None:
        return
    alone = len(state.plan.pending) == 1
    took = (step.ended_at - step.started_at).total_seconds() if step.ended_at and alone else None
    for revision in state.plan.pending if direction == "down" else reversed(state.plan.pending):
        yield Applied(
            revision=revision.id,
            direction=direction,
            at=step.started_at,
            seconds=took,
            who=str(entries[0].data.get("who", "")),
            release_id=state.plan.release_id,
        )
