"""A trial to JSON and back, for the journal: small, so that lists and texts end somewhere."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from gonogo import codec
from gonogo.model import (
    JSON,
    Climbed,
    Compared,
    LockMode,
    Outlived,
    Rewrite,
    Traced,
    Trial,
)

# Locks of a whole trial, and of one revision at least.
_HOLDS, _FEWEST = 600, 6
_MOST = 20
_LONGEST = 300
_ORDER = tuple(LockMode)


def to_json(trial: Trial) -> dict[str, JSON]:
    """Return a trial as JSON: what is longest and strongest of long lists, and a note where something was left out."""
    return codec.trial_to_json(_small(trial))


def compared_to_json(compared: Sequence[Compared]) -> list[JSON]:
    """Return predictions beside reality as a list of objects."""
    return [dict(asdict(each)) for each in compared]


def compared_from_json(data: Any) -> tuple[Compared, ...]:  # JSON from the ledger
    """Return what `compared_to_json` wrote."""
    return tuple(Compared(**each) for each in data)


def _small(trial: Trial) -> Trial:
    """Return a trial whose lists and texts are short."""
    most = max(_FEWEST, _HOLDS // max(1, len(trial.traced)))
    left = sum(max(0, len(each.holds) - most) for each in trial.traced)
    notes = [_short(note) for note in trial.notes[:_MOST]]
    notes += [f"{left} locks that were weaker or shorter than those shown are not kept"] if left else []
    return replace(
        trial,
        traced=tuple(_small_traced(each, most) for each in trial.traced),
        climbed=tuple(_small_climbed(each) for each in trial.climbed),
        outlived=_small_outlived(trial.outlived) if trial.outlived else None,
        notes=tuple(notes),
    )


def _small_traced(traced: Traced, most: int) -> Traced:
    """Return a revision with its strongest and longest locks."""
    weighty = sorted(traced.holds, key=lambda hold: (-_ORDER.index(hold.mode), -hold.seconds))[:most]
    kept = traced.holds if len(traced.holds) <= most else sorted(weighty, key=lambda hold: hold.began_s)
    return replace(
        traced,
        holds=tuple(replace(hold, statement=_short(hold.statement)) for hold in kept),
        stalls=tuple(sorted(traced.stalls, key=lambda stall: -stall.longest_s)[:_MOST]),
        rewrites=_small_rewrites(traced.rewrites),
        problem=_short(traced.problem, 2000),
    )


def _small_rewrites(rewrites: Sequence[Rewrite]) -> tuple[Rewrite, ...]:
    """Return the largest files that were written anew; the small ones stay in the sum, under one name."""
    ordered = sorted(rewrites, key=lambda rewrite: -rewrite.bytes)
    if len(ordered) <= _MOST:
        return tuple(ordered)
    rest = ordered[_MOST - 1 :]
    others = Rewrite(relation=f"{len(rest)} others", bytes=sum(each.bytes for each in rest))
    return (*ordered[: _MOST - 1], others)


def _small_climbed(climbed: Climbed) -> Climbed:
    """Return a stair with the first of its differences, and where most was lost."""
    return replace(
        climbed,
        differences=tuple(_short(each) for each in climbed.differences[:_MOST]),
        lost_up=tuple(sorted(climbed.lost_up, key=lambda lost: -lost.values)[:_MOST]),
        lost_down=tuple(sorted(climbed.lost_down, key=lambda lost: -lost.values)[:_MOST]),
        problem=_short(climbed.problem, 2000),
    )


def _small_outlived(outlived: Outlived) -> Outlived:
    """Return what became of the elder, with the first of its failures and notes."""
    failed, notes = (tuple(_short(each) for each in said[:_MOST]) for said in (outlived.failed, outlived.notes))
    why, excused = _short(outlived.why, 2000), _short(outlived.excused)
    return replace(outlived, failed=failed, notes=notes, why=why, excused=excused)


def _short(text: str, most: int = _LONGEST) -> str:
    """Return a text that ends somewhere."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
