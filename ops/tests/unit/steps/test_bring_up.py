"""Step 3 of a restore: the restored schema is brought to what serves, before anybody is served from it."""

import pytest

from gonogo.errors import RefusedError, StepFailedError
from gonogo.steps.bring_up import BringUp
from gonogo.steps.restore_into import RestoreInto
from gonogo.testing import Scene
from tests.unit import restores
from tests.unit.releases import Hand

STEP = BringUp()


def _filled(scene: Scene) -> Hand:
    """Return the step's context with a database that was restored, at r1; what serves needs r2."""
    hand = Hand(scene=scene, step=STEP.name, plan=restores.restore(scene, switch=True))
    RestoreInto().apply(hand.context())
    return hand


def test_it_is_already_so_at_the_schema_of_what_serves() -> None:
    """And not before."""
    hand = _filled(restores.newer())
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())


def test_the_restored_database_is_migrated_and_no_other() -> None:
    """The served one has its own revision still."""
    hand = _filled(scene := restores.newer(schema="r2"))
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence == {"schema": "r2"}
    assert (scene.schema, scene.counts["migrations.upgrade"]) == ("r2", 0)


def test_another_revision_than_the_plan_s_is_a_failure() -> None:
    """A migration may end well and not have run."""
    hand = _filled(restores.newer())
    with pytest.raises(StepFailedError, match="at r1, not at r2"):
        STEP.verify(hand.context())


def test_a_migration_that_fails_says_so() -> None:
    """In its own words; nobody is served from it."""
    hand = _filled(scene := restores.newer())
    scene.fail_at["restores.migrate"] = RefusedError("migration-failed", "r2 failed: column exists")
    with pytest.raises(RefusedError, match="column exists"):
        STEP.apply(hand.context())
    assert not STEP.check(hand.context())


def test_undoing_leaves_it_as_it_is() -> None:
    """The backup can be restored again."""
    hand = _filled(scene := restores.newer())
    STEP.apply(hand.context())
    calls = list(scene.calls)
    assert "nobody is served" in STEP.revert(hand.context()).evidence["schema"]
    assert scene.calls == calls
