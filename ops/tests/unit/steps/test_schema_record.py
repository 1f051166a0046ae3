"""A move of the schema alone is a line in the log that people read."""

import pytest

from gonogo.errors import StepFailedError
from gonogo.steps.schema_record import SchemaRecord
from tests.unit import moves
from tests.unit.releases import Hand

STEP = SchemaRecord()


def _hand(*, is_up: bool = True) -> Hand:
    """Return the step's context."""
    scene = moves.ahead() if is_up else moves.applied()
    decided = moves.upgrade(scene) if is_up else moves.take_back(scene)
    return Hand(scene=scene, step="schema-record", plan=decided)


@pytest.mark.parametrize(
    ("is_up", "words"), [(True, "MIGRATED prod schema r1 -> r3"), (False, "DOWNGRADED prod schema r3")]
)
def test_who_moved_what_is_written_once(is_up: bool, words: str) -> None:
    """From where to where; a second look finds the line."""
    hand = _hand(is_up=is_up)
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert (words in hand.scene.log[0], "by operator@host" in hand.scene.log[0]) == (True, True)
    assert STEP.check(hand.context())
    assert STEP.verify(hand.context()).evidence["log"] == "line appended"


def test_a_line_that_is_not_there_fails_it() -> None:
    """The move itself is proven, so a person adds it."""
    with pytest.raises(StepFailedError) as caught:
        STEP.verify(_hand().context())
    assert (caught.value.reference, "add the line by hand" in caught.value.hint) == ("log-not-written", True)
