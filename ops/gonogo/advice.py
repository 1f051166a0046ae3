"""What going back over a migration takes, told before it runs: one of four classes, each with its reasons. Pure.

A the image alone, B the schema too, C only forward, D a restore point (docs/adr/0023-advice-has-four-classes.md).
What a trial has seen outweighs what a revision declares.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gonogo.model import (
    Advice,
    Census,
    Climb,
    Climbed,
    Filled,
    Foreseen,
    Letter,
    Lost,
    Outlived,
    Place,
    Revision,
    Trial,
)

BELIEVED = "believed by what it declares and by its SQL, and not measured"
WORDS = {
    Letter.IMAGE_ONLY: "image only: roll back the code, leave the schema",
    Letter.SCHEMA_TOO: "schema too: the code first, then downgrade",
    Letter.FORWARD_ONLY: "forward only: mend it with the next revision",
    Letter.RESTORE_POINT: "restore point needed: a backup before it runs",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evidence:
    """Everything that one revision's class follows from.

    Attributes:
        climbed: None where the way down was not tried.
        outlived: None where nobody tried to run the release before.
        census: what the target holds; None where nobody looked.
    """

    revision: Revision
    foreseen: Foreseen
    climbed: Climbed | None
    outlived: Outlived | None
    census: Census | None

    @property
    def runs(self) -> bool | None:
        """Return whether the release before was seen to run on the schema."""
        return self.outlived.runs if self.outlived else None


def advise(revision: Revision, foreseen: Foreseen, trial: Trial | None = None, census: Census | None = None) -> Advice:
    """Return the class of one revision: the first of D, A, C and B that has a reason.

    Args:
        revision: what it declares.
        foreseen: what it does, by its SQL.
        trial: what came of it on a copy; None where nobody tried.
        census: how much is where it takes values away; None where nobody looked.
    """
    seen = _Evidence(
        revision=revision,
        foreseen=foreseen,
        climbed=_stair(trial, revision.id),
        outlived=trial.outlived if trial else None,
        census=census,
    )
    for letter, look in _ORDER:
        if found := list(look(seen)):
            is_measured = _is_measured(letter, seen)
            reasons = (*found, *(() if is_measured else (BELIEVED,)))
            return Advice(revision=revision.id, letter=letter, reasons=reasons, is_measured=is_measured)
    reasons = ("its downgrade is written", *_loses_later(seen))
    is_measured = _is_measured(Letter.SCHEMA_TOO, seen)
    return Advice(
        revision=revision.id,
        letter=Letter.SCHEMA_TOO,
        reasons=(*_not_outlived(seen), *reasons, *(() if is_measured else (BELIEVED,))),
        is_measured=is_measured,
    )


def advise_all(
    foreseen: Sequence[Foreseen], trial: Trial | None = None, census: Census | None = None
) -> tuple[Advice, ...]:
    """Return the class of each of some revisions."""
    return tuple(advise(each.revision, each, trial, census) for each in foreseen)


def worst(advices: Sequence[Advice]) -> Letter:
    """Return the class of several revisions together; without any the image alone is enough."""
    return max((each.letter for each in advices), default=Letter.IMAGE_ONLY)


def runs(trial: Trial | None, migrations: Sequence[Revision], *, elder: str = "") -> bool | None:
    """Return whether code was seen to run on what some migrations leave; None when nobody can say.

    That it runs was seen of the whole trial's schema alone. That it does not is held against a part of it, too: nobody
    knows which of them it was.

    Args:
        trial: what was seen.
        migrations: those that are applied, oldest first.
        elder: the code's commit; empty for the release that the trial itself took for the earlier one.
    """
    seen = trial.outlived if trial else None
    if trial is None or seen is None or (elder and seen.commit != elder):
        return None
    tried, applied = [each.revision for each in trial.traced], [each.id for each in migrations]
    if seen.runs is False:
        return False if set(applied) & set(tried) else None
    return seen.runs if applied == tried and not any(each.problem for each in trial.traced) else None


def lost(trial: Trial | None, migrations: Sequence[Revision]) -> tuple[str, ...]:
    """Return what some migrations took away on the copy, a sentence each: going back does not bring it."""
    ids = {each.id for each in migrations}
    stairs = (stair for stair in (trial.climbed if trial else ()) if stair.revision in ids)
    return tuple(f"{stair.revision} takes {_said(each)} away" for stair in stairs for each in stair.lost_up)


def _stair(trial: Trial | None, revision: str) -> Climbed | None:
    """Return how going down a revision and up again went; None where that was not tried."""
    stairs = (each for each in (trial.climbed if trial else ()) if each.revision == revision)
    return next((each for each in stairs if each.climb is not Climb.NOT_TRIED or each.lost_up), None)


def _restore_point(seen: _Evidence) -> Iterator[str]:
    """Yield what is lost on the way up: measured on the copy, else counted in the target, else said by the SQL."""
    if seen.climbed:
        yield from (f"the upgrade takes {_said(each)} away" for each in seen.climbed.lost_up)
        return
    for place in seen.foreseen.deeds.takes:
        counted = _counted(seen.census, place)
        if counted is None:
            yield f"the upgrade takes {place.name} away"
        elif counted.values != 0 or not counted.is_exact:
            yield f"the upgrade takes {counted.said} away"


def _image_only(seen: _Evidence) -> Iterator[str]:
    """Yield why the code alone may go back."""
    if seen.runs:
        yield f"the release before was seen to run on the schema that it leaves{_noted(seen)}"
    if seen.runs is None and not _contradiction(seen):
        if seen.revision.kind == "expand":
            yield "it declares that code from before survives it, and its SQL takes nothing away"
        elif seen.revision.kind not in _KINDS:
            yield "its SQL takes nothing away; it does not say itself whether code from before survives it"


def _forward_only(seen: _Evidence) -> Iterator[str]:
    """Yield why the schema cannot go back."""
    reasons = [*_climb_reasons(seen), *_lasting(seen)]
    if reasons:
        yield from _not_outlived(seen)
        yield from reasons


def _climb_reasons(seen: _Evidence) -> Iterator[str]:
    """Yield what stands against running the downgrade."""
    deeds, climbed = seen.foreseen.deeds, seen.climbed
    if deeds.downgrade in _NO_WAY:
        yield _NO_WAY[deeds.downgrade]
    elif climbed and climbed.climb is Climb.NO_DOWNGRADE:
        yield "it has no downgrade"
    elif deeds.reversible is False or not (seen.revision.reversible or climbed):
        yield "it does not declare that its downgrade may be run"
    if climbed and climbed.climb is Climb.FAILS:
        yield f"its downgrade failed on the copy: {climbed.problem or 'nobody knows why'}"
    if climbed and (climbed.climb is Climb.LEAVES_TRACES or climbed.differences):
        yield f"going down and up again leaves traces: {'; '.join(climbed.differences) or 'the schemas differ'}"
    if climbed:
        older = [each for each in climbed.lost_down if not _is_own(each, seen)]
        yield from (f"its downgrade takes {_said(each)} away that were there before it" for each in older)


def _lasting(seen: _Evidence) -> Iterator[str]:
    """Yield what no downgrade undoes; that rows are rewritten is forgiven to who declares that it brings them back."""
    for sentence in seen.foreseen.deeds.lasting:
        if "rewritten" not in sentence or not seen.revision.reversible:
            yield sentence


def _not_outlived(seen: _Evidence) -> Iterator[str]:
    """Yield why the code alone may not go back."""
    if seen.outlived and seen.runs is False:
        failed = "; ".join(seen.outlived.failed) or "nobody wrote down what failed"
        yield f"the release before does not run on the schema that is left: {failed}{_noted(seen)}"
    elif said := _contradiction(seen):
        yield said
    else:
        yield f"it declares {seen.revision.kind}: code from before does not survive it"


def _contradiction(seen: _Evidence) -> str:
    """Return what its SQL does that code from before would not survive; empty when it does nothing of the kind."""
    deeds, kind = seen.foreseen.deeds, seen.revision.kind
    if kind not in _KINDS and deeds.looks != "expand":
        return "it does not say whether code from before survives it"
    if deeds.tightens:
        return f"code from before may do what the schema no longer takes: {'; '.join(deeds.tightens)}"
    return f"it declares {kind}, and takes away or renames" if kind == "expand" and deeds.looks == "contract" else ""


def _loses_later(seen: _Evidence) -> Iterator[str]:
    """Yield what running the downgrade will cost."""
    if seen.climbed:
        yield "going down and up again left the schema as it was"
    if seen.foreseen.deeds.gives_back:
        names = ", ".join(place.name for place in seen.foreseen.deeds.gives_back)
        yield f"what is written to {names} until then is lost"


def _is_measured(letter: Letter, seen: _Evidence) -> bool:
    """Return whether a class rests on what was seen, and not on declarations."""
    is_climbed = seen.climbed is not None and seen.climbed.climb is not Climb.NOT_TRIED
    match letter:
        case Letter.RESTORE_POINT:
            return bool(seen.climbed and seen.climbed.lost_up)
        case Letter.IMAGE_ONLY:
            return seen.runs is True
        case _:
            return seen.runs is False and is_climbed


def _is_own(each: Lost, seen: _Evidence) -> bool:
    """Return whether lost values are of what the revision itself brought."""
    own = seen.foreseen.deeds.gives_back
    return Place(relation=each.relation) in own or Place(relation=each.relation, column=each.column) in own


def _counted(census: Census | None, place: Place) -> Filled | None:
    """Return how much the target holds at a place; None where nobody looked."""
    return next((each for each in (census.filled if census else ()) if each.place == place), None)


def _said(each: Lost) -> str:
    """Return lost values in words."""
    return Filled(place=Place(relation=each.relation, column=each.column), values=each.values).said


def _noted(seen: _Evidence) -> str:
    """Return that failures are let pass, with the reason."""
    return f" (let pass: {seen.outlived.excused})" if seen.outlived and seen.outlived.excused else ""


_KINDS = {"expand", "contract", "data"}
_NO_WAY = {
    "missing": "it has no downgrade",
    "empty": "its downgrade does nothing: the version would move, and the schema stay",
    "raises": "its downgrade refuses to run",
}
# The first that has a reason decides; where none has, the schema can go back.
_ORDER = (
    (Letter.RESTORE_POINT, _restore_point),
    (Letter.IMAGE_ONLY, _image_only),
    (Letter.FORWARD_ONLY, _forward_only),
)
