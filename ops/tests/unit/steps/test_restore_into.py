"""Step 2 of a restore: a new database beside the one that is served."""

import pytest

from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError, UnreachableError
from gonogo.steps.restore_into import RestoreInto
from gonogo.testing import Died, Scene
from tests.unit import restores
from tests.unit.releases import Hand, planned
from tests.unit.restores import INTO, SERVED

STEP = RestoreInto()


def _hand(scene: Scene) -> Hand:
    return Hand(scene=scene, step=STEP.name, plan=restores.restore(scene))


def _part(hand: Hand) -> str:
    return f"gonogo_restoring_{hand.context().plan.release_id}"


def test_it_is_already_so_once_this_restore_has_made_it() -> None:
    """What another restore has made is not it."""
    hand = _hand(scene := restores.backed_up())
    scene.databases["other"] = "restored earlier"
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())


def test_it_is_still_so_when_it_is_served_by_then() -> None:
    """Whoever goes on after the switch must not fill another one."""
    hand = _hand(scene := restores.backed_up())
    scene.databases[SERVED] = f"served {hand.context().plan.release_id}"
    assert STEP.check(hand.context())


def test_what_is_served_stays_as_it_is() -> None:
    """The restored one is beside it, and says whose it is."""
    hand = _hand(scene := restores.backed_up())
    STEP.apply(hand.context())
    assert scene.databases == {SERVED: "", INTO: f"restored {hand.context().plan.release_id}"}


def test_the_proof_says_which_database_and_at_which_schema() -> None:
    """As the server says it now."""
    hand = _hand(restores.backed_up(at="r9"))
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence == {
        "database": INTO,
        "restored": "as in the manifest",
        "size": "1,000 bytes",
        "schema": "r9",
    }


def test_no_database_is_no_restore() -> None:
    """It may have been dropped by somebody."""
    with pytest.raises(StepFailedError, match="no database that this restore has made"):
        STEP.verify(_hand(restores.backed_up()).context())


def test_a_name_that_is_taken_meanwhile_is_refused_and_left_alone() -> None:
    """Never over a database that is there."""
    hand = _hand(scene := restores.backed_up())
    scene.databases[INTO] = "somebody's"
    with pytest.raises(RefusedError, match=f"there is a database {INTO} already"):
        STEP.apply(hand.context())
    assert scene.databases[INTO] == "somebody's"


def test_undoing_drops_what_is_half_made() -> None:
    """It would be a copy of all data that nobody knows of."""
    hand = _hand(scene := restores.backed_up())
    scene.die_at = ("restores.name", 1)
    with pytest.raises(Died):
        STEP.apply(hand.context())
    assert _part(hand) in scene.databases
    assert STEP.revert(hand.context()).evidence == {"restored database": "gone"}
    assert scene.databases == {SERVED: ""}


def test_undoing_keeps_what_is_whole_and_names_it() -> None:
    """Whoever asks why it went wrong later can look into it."""
    hand = _hand(scene := restores.backed_up())
    STEP.apply(hand.context())
    assert INTO in STEP.revert(hand.context()).evidence["restored database"]
    assert INTO in scene.databases


def test_what_cannot_be_dropped_is_a_person_s() -> None:
    """With what to do."""
    hand = _hand(scene := restores.backed_up())
    scene.databases[_part(hand)] = ""
    scene.fail_at["restores.drop"] = UnreachableError("database-unreachable", "it does not answer")
    with pytest.raises(NeedsPersonError, match="may be left: it does not answer") as caught:
        STEP.revert(hand.context())
    assert "DROP DATABASE" in caught.value.hint


def test_a_plan_of_another_kind_is_not_carried_out() -> None:
    """A release says nothing of databases."""
    with pytest.raises(NeedsPersonError, match="does not say what is restored"):
        STEP.apply(Hand(scene=(scene := Scene()), step=STEP.name, plan=planned(scene)).context())
