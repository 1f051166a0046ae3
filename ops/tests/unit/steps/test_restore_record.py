"""The last step of a restore: a line that people read."""

import pytest

from gonogo.errors import StepFailedError, UnreachableError
from gonogo.model import Plan
from gonogo.steps.restore_record import RestoreRecord
from gonogo.testing import Scene
from tests.unit import restores
from tests.unit.releases import Hand
from tests.unit.restores import BACKUP, INTO, SERVED

STEP = RestoreRecord()


def _hand(scene: Scene, plan: Plan) -> Hand:
    return Hand(scene=scene, step=STEP.name, plan=plan)


def test_a_restore_says_from_what_into_what() -> None:
    """Nothing of a switch, where there was none."""
    scene = restores.backed_up()
    hand = _hand(scene, plan := restores.restore(scene))
    STEP.apply(hand.context())
    assert scene.log == [
        f"2026-01-01T00:00:00Z RESTORED prod {BACKUP} restored into {INTO}, by operator@host, release {plan.release_id}"
    ]


def test_a_switch_says_where_the_database_before_is() -> None:
    """Whoever reads the log a week later must find it."""
    scene = restores.backed_up()
    plan = restores.restore(scene, switch=True)
    STEP.apply(_hand(scene, plan).context())
    former = plan.restoring.former if plan.restoring else ""
    assert f"served as {SERVED}, the one before kept as {former}" in scene.log[0]


def test_a_switch_alone_names_no_backup() -> None:
    """It was restored earlier."""
    scene = restores.restored()
    STEP.apply(_hand(scene, restores.switch(scene)).context())
    assert f"RESTORED prod {INTO} put in place, served as {SERVED}" in scene.log[0]


def test_the_line_is_written_once() -> None:
    """It is found by the restore's id."""
    scene = restores.backed_up()
    hand = _hand(scene, restores.restore(scene))
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())
    assert STEP.verify(hand.context()).evidence == {"operator": "operator@host", "log": "line appended"}


def test_another_restore_s_line_is_not_this_one_s() -> None:
    """Both are of the same backup."""
    scene = restores.backed_up()
    hand = _hand(scene, restores.restore(scene))
    scene.log.append(f"2025-01-01T00:00:00Z RESTORED prod {BACKUP} restored into {INTO}, by operator@host, release r0")
    assert not STEP.check(hand.context())


def test_a_line_that_is_not_there_is_a_failure_of_the_log_alone() -> None:
    """The data are back."""
    scene = restores.backed_up()
    with pytest.raises(StepFailedError, match="does not hold the restore") as caught:
        STEP.verify(_hand(scene, restores.restore(scene)).context())
    assert "add the line by hand" in caught.value.hint


def test_a_log_that_cannot_be_written_says_so() -> None:
    """In its own words."""
    scene = restores.backed_up(fail_at={"log.append": UnreachableError("disk-full", "the disk is full")})
    with pytest.raises(UnreachableError, match="the disk is full"):
        STEP.apply(_hand(scene, restores.restore(scene)).context())
