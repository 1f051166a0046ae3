"""Which of four classes a migration is in, and what a trial says of the release before."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import advice, retreat
from gonogo.model import (
    Advice,
    Census,
    Climb,
    Climbed,
    Deeds,
    Filled,
    Foreseen,
    Letter,
    Lost,
    Outlived,
    Place,
    Revision,
    Traced,
    Trial,
    WayBack,
)
from gonogo.testing import OLD, revision

A, B, C, D = Letter.IMAGE_ONLY, Letter.SCHEMA_TOO, Letter.FORWARD_ONLY, Letter.RESTORE_POINT
AGE, ZONE = Place(relation="public.users", column="age"), Place(relation="public.tasks", column="zone")
LOST_AGE = Lost(relation="public.users", column="age", values=12)
LOST_ZONE = Lost(relation="public.tasks", column="zone", values=3)
REWRITTEN = "rows of users are rewritten, and their values from before are gone"
VALUE = "value 'x' stays in type mood: PostgreSQL cannot take it out"
KINDS = ("expand", "contract", "data", "unknown")
RUNS = (None, True, False)


def foreseen(one: Revision, **deeds: object) -> Foreseen:
    """Return what a revision does, a written downgrade of a harmless addition unless said otherwise."""
    told = {"looks": "expand", "gives_back": (ZONE,), **deeds}
    return Foreseen(revision=one, sql="", findings=(), deeds=Deeds(**told))  # type: ignore[arg-type]


def trial(
    *ids: str,
    runs: bool | None = None,
    climb: Climb = Climb.OK,
    problem: str = "",
    excused: str = "",
    **climbed: object,
) -> Trial:
    """Return what came of some revisions on a copy."""
    return Trial(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        backup="b1",
        server_version="18.4",
        database_bytes=1,
        traced=tuple(Traced(revision=each, seconds=0.1, problem=problem) for each in ids),
        climbed=tuple(Climbed(revision=each, climb=climb, **climbed) for each in ids),  # type: ignore[arg-type]
        outlived=Outlived(
            commit=OLD, runs=runs, failed=("GET /users fails",) if runs is False else (), excused=excused
        ),
    )


def advised(
    kind: str = "expand",
    seen: Trial | None = None,
    census: Census | None = None,
    *,
    reversible: bool = True,
    **deeds: object,
) -> Advice:
    """Return the class of one revision."""
    one = revision("r2", kind=kind, reversible=reversible)
    return advice.advise(one, foreseen(one, **deeds), seen, census)


def test_each_case_of_a_trial_has_its_class() -> None:
    """The whole table: what is lost first, then what lives on, then what can be taken back."""
    for kind, runs, climb, reversible, takes in product(KINDS, RUNS, Climb, (True, False), (True, False)):
        seen = trial("r2", runs=runs, climb=climb, lost_up=(LOST_AGE,) if takes else ())
        found = advised(kind, seen, reversible=reversible)
        is_back = climb is Climb.OK or (climb is Climb.NOT_TRIED and reversible)
        believed_a = runs is None and kind in {"expand", "unknown"}
        expected = D if takes else A if runs or believed_a else B if is_back else C
        assert found.letter is expected, (kind, runs, climb, reversible, takes, found)
        assert found.reasons
        assert found.is_measured == (advice.BELIEVED not in found.reasons)


def test_each_case_without_a_trial_has_its_class() -> None:
    """The whole table of declarations and SQL; none of it is called measured."""
    downgrades, kinds_seen = ("written", "raises", "empty", "missing"), ("expand", "contract", "data", "")
    for case in product(KINDS, downgrades, (True, False), kinds_seen, (True, False), ((), (VALUE,), (REWRITTEN,))):
        kind, downgrade, reversible, looks, takes, lasting = case
        gone = (AGE,) if takes else ()
        found = advised(kind, reversible=reversible, downgrade=downgrade, looks=looks, takes=gone, lasting=lasting)
        survives = (kind == "expand" and looks != "contract") or (kind == "unknown" and looks == "expand")
        undone = lasting in {(), (REWRITTEN,)} and downgrade == "written" and reversible
        assert found.letter is (D if takes else A if survives else B if undone else C), (case, found)
        assert (found.is_measured, found.reasons[-1]) == (False, advice.BELIEVED)


@pytest.mark.parametrize(
    ("seen", "deeds", "letter", "words"),
    [
        (
            trial("r2", runs=False),
            {},
            B,
            "the release before does not run on the schema that is left: GET /users fails",
        ),
        (trial("r2", runs=True), {}, A, "was seen to run"),
        (trial("r2", runs=False, lost_down=(LOST_ZONE,)), {}, B, "what is written to tasks.zone until then is lost"),
        (trial("r2", runs=False, lost_down=(LOST_AGE,)), {}, C, "takes 12 values of users.age away that were there"),
        (trial("r2", runs=False, differences=("type mood",)), {}, C, "leaves traces: type mood"),
        (trial("r2", runs=False, climb=Climb.FAILS, problem="no table"), {}, C, "failed on the copy"),
        (trial("r2", runs=False), {"lasting": (VALUE,)}, C, "stays in type mood"),
        (trial("r2", runs=False), {"downgrade": "empty"}, C, "the version would move, and the schema stay"),
        (trial("r2", runs=True), {"lasting": (VALUE,)}, A, "was seen to run"),
        (trial("r2", runs=True, lost_up=(LOST_AGE,)), {}, D, "takes 12 values of users.age away"),
        (trial("r2", runs=False, excused="known"), {}, B, "let pass: known"),
        (None, {"tightens": ("every insert must name users.age",)}, B, "every insert must name users.age"),
        (None, {"looks": "contract"}, B, "takes away or renames"),
        (None, {"takes": (AGE,)}, D, "takes users.age away"),
    ],
)
def test_the_reason_is_said(seen: Trial | None, deeds: dict[str, object], letter: Letter, words: str) -> None:
    """In words that name what was seen."""
    one = revision("r2")
    found = advice.advise(one, foreseen(one, **deeds), seen)
    assert (found.letter, words in " ".join(found.reasons)) == (letter, True), found


@pytest.mark.parametrize(
    ("filled", "letter"),
    [
        (Filled(place=AGE, values=0), A),
        (Filled(place=AGE, values=12), D),
        (Filled(place=AGE, values=0, is_exact=False), D),
        (Filled(place=AGE, values=None), D),
    ],
)
def test_what_is_taken_away_counts_unless_nothing_is_there(filled: Filled, letter: Letter) -> None:
    """An estimate of nothing is no proof that nothing is there."""
    assert advised("expand", census=Census(filled=(filled,)), takes=(AGE,)).letter is letter


def test_the_worst_stands_for_all() -> None:
    """And where nothing is pending, the image alone is enough."""
    assert advice.worst(()) is A
    assert advice.worst([Advice(revision="r", letter=each, reasons=()) for each in (B, D, A)]) is D


R2, R3 = revision("r2"), revision("r3", kind="contract")


@pytest.mark.parametrize(
    ("seen", "applied", "elder", "runs"),
    [
        (None, (R2,), OLD, None),
        (trial("r2", "r3", runs=True), (R2, R3), OLD, True),
        (trial("r2", "r3", runs=True), (R2,), OLD, None),
        (trial("r2", "r3", runs=False), (R2,), OLD, False),
        (trial("r2", runs=True), (R2, R3), OLD, None),
        (trial("r2", runs=True), (R2,), "f" * 40, None),
        (trial("r2", runs=False), (R2,), "f" * 40, None),
        (trial("r2", runs=True), (R2,), "", True),
        (trial("r2", runs=None), (R2,), OLD, None),
        (trial("r2", runs=False), (), OLD, None),
        (trial("r2", runs=True, problem="it failed"), (R2,), OLD, None),
        (trial("r2", runs=False, excused="known"), (R2,), OLD, False),
    ],
)
def test_that_it_runs_holds_for_the_very_code_on_the_very_schema(
    seen: Trial | None, applied: tuple[Revision, ...], elder: str, runs: bool | None
) -> None:
    """That it does not is held against a part of it, too."""
    assert advice.runs(seen, applied, elder=elder) is runs


GAP = st.lists(
    st.builds(revision, st.sampled_from(["r2", "r3", "r4"]), kind=st.sampled_from(KINDS), reversible=st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.id,
)


@settings(max_examples=300, deadline=None, database=None)
@given(GAP, st.sampled_from(RUNS), st.booleans(), st.data())
def test_what_was_measured_is_never_kinder_than_it_was(
    migrations: list[Revision], runs: bool | None, loses: bool, data: st.DataObject
) -> None:
    """Code that was seen to fail is never safe to bring back, and lost values are never called no loss."""
    ids = [each.id for each in migrations]
    tried = data.draw(st.sampled_from([ids, ids[:1], ["r9"]]))
    seen = trial(*tried, runs=runs, lost_up=(LOST_AGE,) if loses else ())
    gap = retreat.Gap(
        migrations=tuple(migrations), runs=advice.runs(seen, migrations), lost=advice.lost(seen, migrations)
    )
    verdict = retreat.forecast(gap, instead="").verdict
    if runs is False and set(tried) & set(ids):
        assert verdict is not WayBack.SAFE
    if loses and set(tried) & set(ids):
        assert verdict is not WayBack.SAFE
    if verdict is WayBack.SAFE:
        assert runs or all(each.kind == "expand" for each in migrations)
    # What nobody measured leaves the verdict of the declarations.
    if tried == ["r9"]:
        assert verdict is retreat.forecast(retreat.Gap(migrations=tuple(migrations)), instead="").verdict


@settings(max_examples=200, deadline=None, database=None)
@given(GAP, st.sampled_from([None, False]))
def test_no_migration_is_advised_kinder_than_the_rollback_decides(
    migrations: list[Revision], runs: bool | None
) -> None:
    """Where the advice is the image alone for each, the schema stays; where it is not, nobody calls that safe."""
    told = [foreseen(each, looks="expand" if each.kind == "expand" else "contract") for each in migrations]
    seen = trial(*[each.id for each in migrations], runs=runs) if runs is not None else None
    letters = {each.letter for each in advice.advise_all(told, seen)}
    verdict = retreat.rule(migrations, runs=runs).verdict
    if letters == {A}:
        assert verdict is WayBack.SAFE
    if verdict is WayBack.SAFE:
        assert letters == {A}
