"""Step 3: a backup that cannot be restored is none."""

import pytest

from gonogo.errors import RefusedError, StepFailedError
from gonogo.steps.restore_check import RestoreCheck
from gonogo.testing import Scene
from tests.unit.releases import Hand, planned

STEP = RestoreCheck()


def _hand(scene: Scene) -> Hand:
    """Return the step's context with a backup that was taken."""
    decided = planned(scene)
    scene.world().backups.take(decided.release_id)
    return Hand(scene=scene, step="restore-check", plan=decided)


def test_a_proof_is_made_anew() -> None:
    """It is never already so."""
    assert not STEP.check(_hand(Scene()).context())


def test_the_dump_is_restored_and_compared() -> None:
    """Digest and rows."""
    hand = _hand(Scene())
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence == {
        "sha256": "as in the manifest",
        "rows restored": "3 in 1 tables, as in the manifest",
    }


def test_the_scratch_database_is_noted_first_and_dropped_last() -> None:
    """It can be found again, and is gone."""
    scene = Scene()
    hand = _hand(scene)
    STEP.apply(hand.context())
    assert hand.notes["restore-check"]["scratch"] in scene.calls[-1]
    assert scene.scratch == set()


def test_a_changed_dump_is_not_even_restored() -> None:
    """Its digest says so."""
    scene = Scene(digest="e" * 64)
    with pytest.raises(StepFailedError, match="has changed since it was written"):
        STEP.apply(_hand(scene).context())
    assert scene.counts["database.restore"] == 0


def test_a_dump_that_cannot_be_restored_says_so() -> None:
    """In pg_restore's words."""
    scene = Scene(fail_at={"database.restore": RefusedError("backup-not-restorable", "bad magic")})
    with pytest.raises(RefusedError, match="bad magic"):
        STEP.apply(_hand(scene).context())


def test_other_rows_than_the_manifest_counted_are_a_failure() -> None:
    """A dump can restore and still lack something."""
    hand = _hand(Scene(restored={"public.thoughts": 2}))
    STEP.apply(hand.context())
    with pytest.raises(StepFailedError, match=r"restored rows differ from the manifest's in public\.thoughts"):
        STEP.verify(hand.context())


def test_a_backup_that_is_gone_is_told() -> None:
    """By the release's name."""
    with pytest.raises(StepFailedError, match="is gone"):
        STEP.apply(Hand(scene=Scene(), step="restore-check").context())
