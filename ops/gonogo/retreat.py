"""Whether an earlier version can be gone back to, and what that costs: the rules of ops/RESTORE_RUNBOOK.md. Pure.

The plan forecasts by them, the migrations' way back and `deploy.rollback` obey them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from operator import and_
from typing import NamedTuple

from gonogo.errors import NoGoError
from gonogo.model import Forecast, Revision, Snapshot, WayBack

RUNBOOK = "ops/RESTORE_RUNBOOK.md, section 'When to restore'"
# What a migration declares when the code before it does not run on what it leaves.
_BREAKING = {"contract", "data"}
_WORSE_AND_WORSE = (WayBack.SAFE, WayBack.SAFE_WITH_LOSS, WayBack.UNKNOWN, WayBack.IMPOSSIBLE)
_REFUSED = {WayBack.UNKNOWN, WayBack.IMPOSSIBLE}


class Schema(StrEnum):
    """What becomes of the schema on the way back."""

    UNCHANGED = "unchanged"
    KEPT = "kept"
    DOWNGRADED = "downgraded"
    STUCK = "stuck"


class Rule(NamedTuple):
    """One row of the table in ops/RESTORE_RUNBOOK.md.

    Attributes:
        when: what is true of the migrations between the two versions.
        way_back: what is done, as plans say it; ID is the migration that decides.
        reason: the same as a sentence of the forecast.
    """

    when: str
    verdict: WayBack
    schema: Schema
    way_back: str
    reason: str


_NONE = Rule(
    "none",
    WayBack.SAFE,
    Schema.UNCHANGED,
    "roll back: deploy the previous version; the schema does not change",
    "no migration lies between the two versions",
)
_SURVIVED = Rule(
    "all `expand`, or the previous version was seen to run on the new schema",
    WayBack.SAFE,
    Schema.KEPT,
    "roll back: deploy the previous version; the new schema stays, the old code runs on it",
    "the previous version runs on the new schema: ID",
)
_ONE_WAY = Rule(
    "one is `contract` or `data`, or the previous version was seen to fail; and one is not reversible",
    WayBack.IMPOSSIBLE,
    Schema.STUCK,
    "no way back once ID is applied: roll forward, or restore the backup of this release",
    "migration ID stays applied, and the previous version does not run on the schema that is left",
)
_SILENT = Rule(
    "one does not say its kind",
    WayBack.UNKNOWN,
    Schema.STUCK,
    "nobody knows whether there is a way back once ID is applied: roll forward, or restore the backup of this release",
    "migration ID does not say whether the previous version survives it",
)
_REVERSIBLE = Rule(
    "one is `contract` or `data`, or the previous version was seen to fail; and all are reversible",
    WayBack.SAFE_WITH_LOSS,
    Schema.DOWNGRADED,
    "roll back: deploy the previous version, then downgrade the schema; what ID keeps in it is lost",
    "the schema is downgraded: what was written where ID is taken back is lost",
)
# The first that fits decides.
TABLE = (_NONE, _SURVIVED, _ONE_WAY, _SILENT, _REVERSIBLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """What lies between an earlier version and the newer one, as far as it is known.

    Attributes:
        migrations: oldest first; None when the schema's revision is not one that is known.
        runs: whether the earlier version was seen to run on the newer schema; None when nobody tried.
        lost: what the migrations took away for good, as a trial measured it, a sentence each.
        gone: what is not there any more and is needed to deploy it, a sentence each.
        lost_variables: names of variables that it was handed and would not be handed now, with their application.
        unread_jobs: open jobs whose form the earlier version does not know; None when there is nothing to tell it by.
        unsaid: what could not be found out and may decide, a sentence each.
    """

    migrations: tuple[Revision, ...] | None = ()
    runs: bool | None = None
    lost: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lost_variables: tuple[str, ...] = ()
    unread_jobs: int | None = None
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """An earlier release to go back to, by what was written down of it.

    Attributes:
        release_id: the release that brought it; empty for a version that stood there before the first one.
        subject: the commit's.
        snapshot: how it was set up; None when nobody wrote it down.
        dumps: the release whose backup was taken before a migration, by the migration.
    """

    commit: str
    release_id: str
    subject: str
    snapshot: Snapshot | None = None
    dumps: Mapping[str, str] = field(default_factory=dict)


def rule(migrations: Sequence[Revision], *, runs: bool | None = None) -> Rule:
    """Return the row that decides for some migrations.

    Args:
        migrations: oldest first.
        runs: whether the code before them was seen to run on what they leave; None when nobody tried.
    """
    breaks = runs is False or any(each.kind in _BREAKING for each in migrations)
    if not migrations:
        return _NONE
    if runs or (not breaks and all(each.kind == "expand" for each in migrations)):
        return _SURVIVED
    if breaks and not all(each.reversible for each in migrations):
        return _ONE_WAY
    return _REVERSIBLE if breaks and not any(_is_silent(each) for each in migrations) else _SILENT


def way_back(migrations: Sequence[Revision], *, runs: bool | None = None) -> str:
    """Return how a release with these migrations is undone, in words."""
    decided = rule(migrations, runs=runs)
    return decided.way_back.replace("ID", deciding(migrations, decided))


def deciding(migrations: Sequence[Revision], decided: Rule) -> str:
    """Return the ids of the migrations that a rule speaks of, in words."""
    if decided.schema is Schema.STUCK:
        return _point_of_no_return(migrations).id
    return ", ".join(each.id for each in migrations)


def forecast(gap: Gap, *, instead: str) -> Forecast:
    """Return what going back over a gap would cost; the worst of what is known decides.

    Args:
        gap: what lies between.
        instead: what to do where it cannot be gone back.
    """
    said = sorted(_said(gap), key=lambda each: _WORSE_AND_WORSE.index(each[0]), reverse=True)
    worst = said[0][0]
    return Forecast(
        verdict=worst,
        reasons=tuple(f"{reason[0].upper()}{reason[1:]}." for _, reason in said),
        instead=instead if worst in _REFUSED else "",
    )


def instead(environment: str, backup: str) -> str:
    """Return what to do where it cannot be gone back: the two other ways, with their commands.

    Args:
        environment: where.
        backup: the name of the one from before the migrations; empty where nobody knows it.
    """
    restore = f"invoke restore.run --env {environment} --name {backup or 'NAME'} --into RESTORED --switch"
    return (
        f"roll forward: mend it and release that, invoke deploy.plan --env {environment}; "
        f"or restore, which loses what was written since: ops/RESTORE_RUNBOOK.md, section 'Restore', {restore}"
    )


def applied(pending: Sequence[Revision], start: str | None, revision: str | None) -> Sequence[Revision] | None:
    """Return which of a release's migrations the database has; None when it is at a revision of somebody else's."""
    ids = [start, *(each.id for each in pending)]
    return pending[: ids.index(revision)] if revision in ids else None


def schema_after(migrations: Sequence[Revision], *, is_used: bool, runs: bool | None = None) -> Schema:
    """Return what becomes of the schema when a release with these migrations applied turns round.

    Args:
        migrations: those that are applied, oldest first.
        is_used: whether newer code may have written into it already; else what can be taken back is.
        runs: whether the code before them was seen to run on what they leave; None when nobody tried.
    """
    decided = rule(migrations, runs=runs).schema
    if migrations and not is_used and all(each.reversible for each in migrations):
        return Schema.DOWNGRADED
    return decided


def refusal(forecast: Forecast, *, accept_loss: bool, accept_unknown: str) -> NoGoError | None:
    """Return why a rollback may not begin by what was accepted; None when it may."""
    reasons = " ".join(forecast.reasons)
    if forecast.verdict is WayBack.IMPOSSIBLE:
        why = "the earlier version would not work"
        return NoGoError("rollback-impossible", reasons, why=why, hint=forecast.instead)
    if forecast.verdict is WayBack.UNKNOWN and not accept_unknown:
        why = "what is not known to be safe counts as unsafe"
        hint = f"find it out; or, to go all the same: add --accept-unknown REASON. Instead: {forecast.instead}"
        return NoGoError("rollback-unknown", reasons, why=why, hint=hint)
    if forecast.verdict is WayBack.SAFE_WITH_LOSS and not accept_loss:
        return NoGoError("rollback-loses", reasons, why="nobody has accepted the loss", hint="add --accept-loss")
    return None


def _said(gap: Gap) -> Iterator[tuple[WayBack, str]]:
    """Yield what each thing known says, with its verdict."""
    yield _of_schema(gap)
    for sentence in gap.lost:
        yield WayBack.SAFE_WITH_LOSS, f"{sentence}: going back does not bring it"
    for sentence in gap.gone:
        yield WayBack.IMPOSSIBLE, sentence
    for sentence in gap.unsaid:
        yield WayBack.UNKNOWN, sentence
    if gap.lost_variables:
        named = ", ".join(gap.lost_variables)
        yield WayBack.UNKNOWN, f"the earlier version was handed variables that are gone: {named}"
    if gap.unread_jobs:
        reason = f"{gap.unread_jobs} open jobs have a form that the earlier version does not know"
        yield WayBack.SAFE_WITH_LOSS, f"{reason}: they wait until a newer one takes them"


def _of_schema(gap: Gap) -> tuple[WayBack, str]:
    """Return what the migrations say."""
    if gap.migrations is None:
        return WayBack.UNKNOWN, "the schema is at a revision that no version known here has"
    decided = rule(gap.migrations, runs=gap.runs)
    return decided.verdict, decided.reason.replace("ID", deciding(gap.migrations, decided))


def _is_silent(revision: Revision) -> bool:
    """Return whether a migration does not say what it is."""
    return revision.kind not in {"expand", *_BREAKING}


def _point_of_no_return(migrations: Sequence[Revision]) -> Revision:
    """Return the first migration that, with those before it, is neither survived by old code nor reversible."""
    are_expand = accumulate((each.kind == "expand" for each in migrations), and_)
    are_reversible = accumulate((each.reversible for each in migrations), and_)
    ways = zip(migrations, are_expand, are_reversible, strict=True)
    stuck = (each for each, is_expand, is_reversible in ways if not is_expand and not is_reversible)
    return next(stuck, next((each for each in migrations if _is_silent(each)), migrations[-1]))
