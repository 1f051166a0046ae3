"""Step 2: a dump and a manifest of the schema that the release starts from."""

from dataclasses import replace

import pytest

from gonogo.errors import StepFailedError
from gonogo.model import Backup
from gonogo.steps.backup import TakeBackup
from gonogo.testing import Scene
from tests.unit.releases import Hand, planned

STEP = TakeBackup()


def _taken(scene: Scene) -> Hand:
    """Return the step's context with a backup that was taken."""
    hand = Hand(scene=scene, step="backup", plan=planned(scene))
    STEP.apply(hand.context())
    return hand


def _replaced(scene: Scene, **changes: object) -> Hand:
    """Return the step's context with another backup than the one that was taken."""
    hand = _taken(scene)
    ((name, backup),) = scene.backups.items()
    changed: Backup = replace(backup, **changes)  # type: ignore[arg-type]  # a test's own fields
    scene.backups[name] = changed
    return hand


def test_it_carries_the_release_s_name() -> None:
    """So that it can be found again, and is not taken twice."""
    scene = Scene()
    _taken(scene)
    assert list(scene.backups) == [planned(scene).release_id]


def test_it_is_already_so_once_a_manifest_is_there() -> None:
    """It is written last."""
    assert not STEP.check(Hand(scene=Scene(), step="backup").context())
    assert STEP.check(_taken(Scene()).context())


def test_the_proof_says_what_was_dumped() -> None:
    """File, size, digest, rows, server."""
    evidence = STEP.verify(_taken(Scene()).context()).evidence
    assert (evidence["size"], evidence["rows"], evidence["server"]) == ("100 bytes", "3 in 1 tables", "18.4")
    assert evidence["sha256"] == "d" * 64


def test_no_manifest_is_no_backup() -> None:
    """The script may have ended well all the same."""
    with pytest.raises(StepFailedError, match="left no dump with a manifest") as caught:
        STEP.verify(Hand(scene=Scene(), step="backup").context())
    assert caught.value.hint == "invoke backup.run --env prod"


def test_an_empty_dump_is_no_backup() -> None:
    """Zero bytes restore to nothing."""
    with pytest.raises(StepFailedError, match="left no dump"):
        STEP.verify(_replaced(Scene(), size_bytes=0).context())


@pytest.mark.parametrize("revision", ["r9", None])
def test_a_dump_of_another_schema_is_not_this_release_s(revision: str | None) -> None:
    """Somebody migrated meanwhile, or it is another database."""
    with pytest.raises(StepFailedError, match=f"the dump holds schema {revision}, expected r1"):
        STEP.verify(_replaced(Scene(), schema_revision=revision).context())
