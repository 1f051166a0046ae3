"""The schema moved alone, or only looked at: what is asked for it, and the plan that comes of it."""

from collections.abc import Sequence
from datetime import timedelta

from gonogo import checks, foresight, journal, lineage, moving, outlook, schema, steps
from gonogo import facts as facts_room
from gonogo.errors import GonogoError, NoGoError, RefusedError
from gonogo.model import (
    Config,
    Plan,
    PlanKind,
    Revision,
    SchemaFacts,
    StepStatus,
    version_of,
)
from gonogo.protocols import World

__all__ = ["begun", "take_back", "upgrade"]
# How many releases are looked through, and how old a proven backup may be that stands for a new one.
_LOOKED_AT = 50
_FRESH = timedelta(hours=1)
_UP = {PlanKind.RELEASE, PlanKind.MIGRATION}


def upgrade(config: Config, outside: World, *, to: str = "", with_backup: bool = True) -> Plan:
    """Look at the database and decide how the schema goes up; nothing is changed.

    Args:
        config: where.
        outside: what is looked at.
        to: the revision; empty for the newest.
        with_backup: whether a backup is taken and proven before.

    Raises:
        NothingToDoError: it is there already.
        UsageError: there is no such revision, or it is behind.
        NoGoError: the database is at a revision that this tree does not have.
        UnreachableError: the database does not answer.
    """
    facts = _facts(config, outside)
    pending = moving.between(facts, to)
    ground = _ground(config, outside, facts, pending, is_up=True)
    return moving.upgrade(config, facts, pending, ground, steps=steps.UP, with_backup=with_backup)


def take_back(config: Config, outside: World, *, to: str) -> Plan:
    """Look at the database and decide how the schema goes back; nothing is changed.

    Raises:
        NothingToDoError: it is there already.
        UsageError: there is no such revision, or it is ahead.
        NoGoError: the database is at a revision that this tree does not have.
        UnreachableError: the database does not answer.
    """
    facts = _facts(config, outside)
    taken = moving.behind(facts, to)
    ground = _ground(config, outside, facts, taken, is_up=False)
    goal = facts.history.order[facts.history.order.index(taken[0].id) - 1]
    return moving.downgrade(config, facts, taken, ground, to=goal, steps=steps.DOWN)


def begun(config: Config, outside: World, kind: PlanKind) -> Plan | None:
    """Return the plan of a move of some kind that was left half-way; None where there is none."""
    for state in _states(config, outside):
        if not state.is_ended:
            return state.plan if state.plan.kind is kind else None
    return None


def _facts(config: Config, outside: World) -> SchemaFacts:
    """Return what is decided from."""
    try:
        return facts_room.gather_schema(outside, config)
    except RefusedError as error:  # nothing has begun, so nothing was rolled back either
        raise NoGoError(error.reference, error.message, where=error.where, why=error.why, hint=error.hint) from None


def _ground(
    config: Config, outside: World, facts: SchemaFacts, revisions: Sequence[Revision], *, is_up: bool
) -> moving.Ground:
    """Return what a move is decided from beside the facts."""
    checkout = outside.checkouts.provide(facts.target_commit)
    foreseen = foresight.foresee(outside.migrations, checkout, revisions, today=facts.at.date())
    standing, states = outside.catalog.standing(), _states(config, outside)
    waiting = foreseen if is_up else ()
    return moving.Ground(
        foreseen=foreseen,
        findings=(
            *(each for check in checks.SCHEMA for each in check(config, facts)),
            *schema.problems(standing, facts.history.order, waiting),
            *schema.in_the_way(standing, foreseen),
        ),
        census=outside.catalog.census(outlook.relations(foreseen), outlook.places(foreseen)),
        trial=lineage.trial_of(states, [each.id for each in revisions]),
        proven_backup=_proven(outside, facts, states),
        dumps=_dumps(states),
        needs="" if is_up else _needs(outside, facts, revisions),
    )


def _states(config: Config, outside: World) -> tuple[journal.State, ...]:
    """Return the environment's newest releases by their journals, newest first."""
    ids = outside.ledger.releases(config.target.name)[:_LOOKED_AT]
    return tuple(journal.replay(outside.ledger.read(each)) for each in ids)


def _proven(outside: World, facts: SchemaFacts, states: Sequence[journal.State]) -> str:
    """Return a backup of the schema as it is that was restored a short while ago; empty where there is none."""
    for state in states:
        step = state.steps.get("restore-check")
        if step is None or step.status is not StepStatus.DONE or step.ended_at is None:
            continue
        is_same = state.plan.start_revision == facts.database.revision
        if is_same and facts.at - step.ended_at < _FRESH and _is_there(outside, state.plan.release_id):
            return state.plan.release_id
    return ""


def _is_there(outside: World, name: str) -> bool:
    """Return whether a backup is there; one whose manifest cannot be read any more is none."""
    try:
        return outside.backups.find(name) is not None
    except RefusedError:
        return False


def _dumps(states: Sequence[journal.State]) -> tuple[tuple[str, str], ...]:
    """Return the backups from before revisions; the last to find one not applied counts."""
    plans = (state.plan for state in reversed(states) if state.plan.kind in _UP)
    return tuple((each.id, plan.release_id) for plan in plans for each in plan.pending)


def _needs(outside: World, facts: SchemaFacts, taken: Sequence[Revision]) -> str:
    """Return why what serves needs what is taken back; empty where it does not, or nothing serves."""
    serving = facts.ready.commit
    if not facts.ready.ready or not serving:
        return ""
    try:
        history = outside.migrations.history(outside.checkouts.provide(outside.git.resolve(serving)))
    except GonogoError as error:
        return f"nobody can say whether {version_of(serving)}, which serves, needs them: {error.message}"
    needed = [each.id for each in taken if each.id in history.order]
    return f"{version_of(serving)}, which serves, brings {', '.join(needed)} itself" if needed else ""
