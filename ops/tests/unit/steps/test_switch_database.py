"""Step 5 of a restore: the restored database gets the served name, and is proven to be served."""

import pytest

from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError, UnreachableError
from gonogo.steps.restore_into import RestoreInto
from gonogo.steps.switch_database import SwitchDatabase
from gonogo.testing import OLD, Died, Scene
from tests.unit import restores
from tests.unit.releases import Hand
from tests.unit.restores import INTO, SERVED

STEP = SwitchDatabase()


def _filled(scene: Scene, *, keep_schema: str = "") -> Hand:
    """Return the step's context with a database that was restored."""
    hand = Hand(scene=scene, step=STEP.name, plan=restores.restore(scene, switch=True, keep_schema=keep_schema))
    RestoreInto().apply(hand.context())
    return hand


def _former(hand: Hand) -> str:
    restoring = hand.context().plan.restoring
    return restoring.former if restoring else ""


def test_it_is_already_so_once_this_restore_s_database_is_served() -> None:
    """Not that of another one, which was switched to before."""
    hand = _filled(scene := restores.backed_up())
    scene.databases[SERVED] = "served earlier"
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())


def test_the_names_are_written_down_before_they_are_exchanged() -> None:
    """Who is killed in between leaves where the database from before is."""
    hand = _filled(scene := restores.backed_up())
    scene.die_at = ("restores.switch", 1)
    with pytest.raises(Died):
        STEP.apply(hand.context())
    assert hand.notes[STEP.name] == {"former": _former(hand), "served": SERVED}


def test_the_proof_says_where_the_database_before_is_and_the_way_back() -> None:
    """One command."""
    hand = _filled(restores.backed_up())
    STEP.apply(hand.context())
    evidence = STEP.verify(hand.context()).evidence
    assert evidence["before"] == f"kept as {_former(hand)}, read only"
    assert evidence["way back"] == f"invoke restore.switch --env prod --into {_former(hand)}"
    assert evidence["API"] == "ready on it"


def test_what_was_not_exchanged_is_not_proven() -> None:
    """Although the API is ready: on the database before."""
    with pytest.raises(StepFailedError, match="still the database before"):
        STEP.verify(_filled(restores.backed_up()).context())


def test_an_api_that_is_not_ready_on_it_is_a_failure() -> None:
    """It says what it lacks."""
    hand = _filled(restores.backed_up(unready={OLD: "no table thoughts"}))
    STEP.apply(hand.context())
    with pytest.raises(StepFailedError, match="not ready: no table thoughts") as caught:
        STEP.verify(hand.context())
    assert caught.value.hint == "invoke health.check --env prod"


def test_an_api_that_does_not_answer_is_a_failure() -> None:
    """Silence is no proof."""
    hand = _filled(scene := restores.backed_up())
    STEP.apply(hand.context())
    scene.down.add("service")
    with pytest.raises(StepFailedError, match="nothing answers"):
        STEP.verify(hand.context())


def test_where_it_was_accepted_before_it_is_told_and_kept() -> None:
    """Another version of the code comes next."""
    hand = _filled(restores.backed_up(at="r9", unready={OLD: "newer schema"}), keep_schema="the one before comes next")
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence["API"] == "not ready: newer schema"


def test_somebody_who_does_not_leave_is_told_and_nothing_is_switched() -> None:
    """Both names or neither."""
    hand = _filled(scene := restores.backed_up())
    before = dict(scene.databases)
    scene.fail_at["restores.switch"] = RefusedError("database-in-use", "somebody does not leave")
    with pytest.raises(RefusedError, match="does not leave"):
        STEP.apply(hand.context())
    assert scene.databases == before


def test_undoing_serves_the_database_from_before_and_keeps_the_restored_one() -> None:
    """By its own name again."""
    hand = _filled(scene := restores.backed_up())
    STEP.apply(hand.context())
    assert "the database from before" in STEP.revert(hand.context()).evidence["served"]
    assert scene.databases == {SERVED: "returned", INTO: f"restored {hand.context().plan.release_id}"}


def test_undoing_what_was_never_exchanged_exchanges_nothing() -> None:
    """Who was killed before it has nothing to take back."""
    hand = _filled(scene := restores.backed_up())
    before = dict(scene.databases)
    STEP.revert(hand.context())
    assert (scene.databases, scene.counts["restores.back"]) == (before, 0)


def test_what_cannot_be_put_back_is_a_person_s() -> None:
    """With the command."""
    hand = _filled(scene := restores.backed_up())
    STEP.apply(hand.context())
    scene.fail_at["restores.back"] = UnreachableError("database-unreachable", "it does not answer")
    with pytest.raises(NeedsPersonError, match="was not put back: it does not answer") as caught:
        STEP.revert(hand.context())
    assert caught.value.hint == f"invoke restore.switch --env prod --into {_former(hand)}"
