"""Step 1 of a restore: the lock alone, for nothing of what is served may be asked."""

import pytest

from gonogo.errors import LockHeldError
from gonogo.steps.take_lock import TakeLock
from gonogo.testing import Scene
from tests.unit import restores
from tests.unit.releases import Hand

STEP = TakeLock()


def _hand(scene: Scene) -> Hand:
    return Hand(scene=scene, step=STEP.name, plan=restores.restore(scene))


def test_it_is_taken_anew_by_whoever_goes_on() -> None:
    """It may have been lost since."""
    hand = _hand(restores.backed_up())
    STEP.apply(hand.context())
    assert not STEP.check(hand.context())


def test_the_lock_is_held_afterwards_by_this_restore() -> None:
    """And the evidence says by whom."""
    hand = _hand(restores.backed_up())
    STEP.apply(context := hand.context())
    found = context.world.ledger.holder("prod")
    assert found
    assert found.release_id == context.plan.release_id
    assert STEP.verify(context).evidence == {"lock": "held by operator@host"}


def test_a_second_restore_beside_it_is_refused() -> None:
    """One at a time, whoever it is."""
    hand = _hand(restores.backed_up())
    STEP.apply(hand.context())
    with pytest.raises(LockHeldError, match="holds the lock of prod"):
        STEP.apply(hand.context())


def test_nothing_that_may_be_broken_is_asked() -> None:
    """Not the database, not the service: it is restored because they do not answer."""
    hand = _hand(scene := restores.backed_up())
    hand.context()
    scene.down |= {"database", "service", "platform"}
    STEP.apply(context := hand.context())
    assert STEP.verify(context).findings == context.plan.findings
