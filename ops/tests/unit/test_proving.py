"""What makes a backup a backup."""

from dataclasses import replace

import pytest

from gonogo import proving
from gonogo.errors import RefusedError, StepFailedError
from gonogo.model import Backup
from gonogo.protocols import World
from gonogo.testing import Scene

SCRATCH = "gonogo_scratch_x"


def _taken(scene: Scene) -> tuple[World, Backup]:
    """Return a scene's world with a backup."""
    world = scene.world()
    return world, world.backups.take("x")


def test_a_scratch_database_s_name_carries_the_mark() -> None:
    """Only such a name is ever dropped; nothing else of the release's id gets into SQL."""
    assert proving.scratch_name('20260101T0-"; DROP') == "gonogo_scratch_20260101t0drop"


def test_a_dump_with_the_manifest_s_digest_passes() -> None:
    """Silently."""
    world, backup = _taken(Scene())
    proving.check_digest(world.backups, backup)


def test_a_dump_with_another_digest_is_corrupt() -> None:
    """Which file, and that it would not restore."""
    world, backup = _taken(Scene(digest="e" * 64))
    with pytest.raises(StepFailedError, match="x has changed") as caught:
        proving.check_digest(world.backups, backup)
    assert caught.value.reference == "backup-corrupt"
    assert caught.value.hint


def test_restored_rows_are_counted_and_the_scratch_database_is_gone() -> None:
    """Nothing is left behind."""
    scene = Scene()
    assert proving.restored_rows(*_taken(scene), SCRATCH) == {"public.thoughts": 3}
    assert scene.scratch == set()


def test_the_scratch_database_is_gone_also_when_the_restore_fails() -> None:
    """Half of a database is left by no one."""
    scene = Scene(scratch={SCRATCH}, fail_at={"database.restore": RefusedError("backup-not-restorable", "bad magic")})
    with pytest.raises(RefusedError):
        proving.restored_rows(*_taken(scene), SCRATCH)
    assert scene.scratch == set()


@pytest.mark.parametrize("rows", [{}, {"public.thoughts": 2}, {"public.thoughts": 3, "public.jobs": 0}])
def test_rows_that_differ_are_named_by_table(rows: dict[str, int]) -> None:
    """Missing, fewer, or more than the manifest says."""
    _, backup = _taken(Scene())
    with pytest.raises(StepFailedError, match=r"differ from the manifest's in public\.(thoughts|jobs)"):
        proving.compare_rows(backup, rows)


def test_equal_rows_pass() -> None:
    """An empty database too."""
    _, backup = _taken(Scene())
    proving.compare_rows(backup, {"public.thoughts": 3})
    proving.compare_rows(replace(backup, row_counts={}), {})
