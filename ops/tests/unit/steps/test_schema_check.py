"""After the schema moved alone: one version row, the right one, and nothing half built."""

import pytest

from gonogo.errors import StepFailedError
from gonogo.model import Standing
from gonogo.steps.schema_check import SchemaCheck
from tests.unit import moves
from tests.unit.releases import Hand

STEP = SchemaCheck()


def _hand(**changes: object) -> Hand:
    """Return the step's context after a move to r3."""
    scene = moves.ahead(**changes)
    hand = Hand(scene=scene, step="schema-check", plan=moves.upgrade(scene))
    scene.schema = "r3"
    return hand


def test_a_proof_is_made_anew() -> None:
    """It is never already so, and applying it changes nothing."""
    hand = _hand()
    STEP.apply(hand.context())
    assert (STEP.check(hand.context()), hand.scene.calls) == (False, [])


def test_a_schema_that_is_whole_is_proven() -> None:
    """By its version row, and its indexes."""
    assert STEP.verify(_hand().context()).evidence == {"version": "r3", "indexes": "all valid"}


@pytest.mark.parametrize(
    ("standing", "reference", "words"),
    [
        (Standing(versions=("r2",)), "schema-not-reached", "the version row says r2, not r3"),
        (Standing(versions=("r3", "side")), "schema-not-reached", "the version row says r3, side, not r3"),
        (moves.HALF_BUILT, "index-left-invalid", "an index was left INVALID: public.ix"),
    ],
)
def test_what_is_half_done_fails_it(standing: Standing, reference: str, words: str) -> None:
    """With what was seen."""
    hand = _hand()
    hand.context()
    hand.scene.standing = standing
    with pytest.raises(StepFailedError) as caught:
        STEP.verify(hand.context())
    assert (caught.value.reference, caught.value.message) == (reference, words)
