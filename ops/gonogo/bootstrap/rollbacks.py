"""A rollback decided: what to go back to by the ledger, what lies between by the migrations, what it costs."""

from collections.abc import Iterator, Sequence

from gonogo import checks, journal, lineage, steps
from gonogo import facts as facts_room
from gonogo import plan as plan_room
from gonogo.errors import GonogoError, NoGoError, RefusedError, UsageError
from gonogo.model import Config, History, Plan, Revision, version_of
from gonogo.protocols import Jobs, World
from gonogo.retreat import Goal

# How many releases are looked through, and how many of their commits for the migrations that the database has.
_LOOKED_AT = 200
_TRIED = 8


def go_back(
    config: Config,
    outside: World,
    *,
    wanted: str = "",
    releases: Sequence[str] | None = None,
) -> Plan:
    """Look at the world and decide a rollback; nothing is changed.

    Args:
        config: where.
        outside: what is looked at.
        wanted: a release's id or a commit; empty for what stood there before what serves now.
        releases: the releases to know of; those of the ledger unless told.

    Raises:
        NothingToDoError: it serves already.
        NoGoError: nothing stood there before, it cannot be had any more, or it needs a newer schema.
        UsageError: what is wanted never stood there, or was never good.
        UnreachableError: Coolify or the database does not answer.
    """
    ids = outside.ledger.releases(config.target.name)[:_LOOKED_AT] if releases is None else releases
    states = tuple(journal.replay(outside.ledger.read(each)) for each in ids)
    serving = outside.service.ready().commit
    goal = lineage.goal(states, environment=config.target.name, serving=serving, wanted=wanted)
    try:
        outside.git.resolve(goal.commit)
        facts = facts_room.gather(outside, config, goal.commit)
    except UsageError:
        raise _gone(goal) from None
    except RefusedError as error:  # nothing has begun, so nothing was rolled back either
        raise NoGoError(error.reference, error.message, where=error.where, why=error.why, hint=error.hint) from None
    tried = tuple(dict.fromkeys((*([serving] if serving else []), *lineage.commits(states), facts.git.commit)))
    unread_jobs, unsaid = _unread(outside.jobs, states, goal.commit)
    newer, commit = _newer(outside, tried, facts.history.heads, facts.database.revision)
    back = plan_room.Return(
        goal=goal,
        leaving=serving or lineage.last(states),
        newer=newer,
        schema_commit=commit,
        unread_jobs=unread_jobs,
        unsaid=unsaid,
        runs=lineage.runs(states, goal.commit, newer or ()),
        lost=lineage.lost(states, newer or ()),
    )
    return plan_room.rollback(config, facts, back, checks=checks.BACK, steps=steps.BACK)


def _newer(
    outside: World, tried: Sequence[str], heads: Sequence[str], revision: str | None
) -> tuple[tuple[Revision, ...] | None, str]:
    """Return the migrations that the database has beyond a version's own, and the commit with them; None unknown."""
    head = heads[0] if heads else None
    if revision == head:
        return (), ""
    for commit, history in _histories(outside, tried[:_TRIED]):
        if revision in history.order and head in {None, *history.order}:
            end = history.order.index(revision) + 1
            known = {each.id for each in history.revisions[:end]}
            return tuple(each for each in history.after(head) if each.id in known), commit
    return None, ""


def _histories(outside: World, commits: Sequence[str]) -> Iterator[tuple[str, History]]:
    """Yield each commit that can still be had, with its migrations."""
    for commit in commits:
        try:
            history = outside.migrations.history(outside.checkouts.provide(outside.git.resolve(commit)))
        except GonogoError:
            continue
        yield commit, history


def _unread(queue: Jobs, states: Sequence[journal.State], commit: str) -> tuple[int | None, tuple[str, ...]]:
    """Return how many open jobs a version cannot read, None when there is nothing to tell it by; and why if unasked."""
    counts = (queue.newer_than(at) for at in lineage.replaced(states, commit))
    try:
        return next((count for count in counts if count is not None), None), ()
    except NoGoError:  # a schema without such a queue
        return None, ()
    except GonogoError as error:
        said = f"the job queue cannot be asked which jobs the earlier version can read: {error.message}"
        return None, (said,)


def _gone(goal: Goal) -> NoGoError:
    """Return why a version cannot be gone back to whose commit is gone."""
    message = f"this repository does not have the commit {version_of(goal.commit)} any more"
    why = "neither its migrations nor its smoke suite can be had"
    return NoGoError("rollback-impossible", message, why=why, hint="git fetch --all; or roll forward")
