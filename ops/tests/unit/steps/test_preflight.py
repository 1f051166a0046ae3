"""Step 1: the lock is taken, and the world is still the one that was planned for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo.errors import LockHeldError, NoGoError
from gonogo.model import Holder
from gonogo.steps.preflight import Preflight
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import Hand, planned

STEP = Preflight()
SOMEBODY = Holder(
    who="bo@there", host="there", pid=99, since=datetime(2026, 1, 1, tzinfo=UTC), why="release 1", release_id="another"
)


def _hand(scene: Scene) -> Hand:
    """Return the step's context, planned on a scene as it is now."""
    return Hand(scene=scene, step="preflight", plan=planned(scene))


def test_it_is_never_already_so() -> None:
    """A lock may have been lost since."""
    assert not STEP.check(_hand(Scene()).context())


def test_the_lock_says_who_holds_it_and_why() -> None:
    """For whoever wants to release meanwhile."""
    scene = Scene()
    hand = _hand(scene)
    STEP.apply(hand.context())
    holder = scene.holders["prod"]
    assert (holder.who, holder.host, holder.pid) == ("operator@host", "host", scene.pid)
    assert (holder.why, holder.release_id) == (f"release {NEW[:12]}", planned(scene).release_id)


@pytest.mark.parametrize(("down", "median_ms"), [(set(), 7.0), ({"service"}, None)])
def test_how_fast_the_service_answers_is_measured_before_anything_changes(
    down: set[str], median_ms: float | None
) -> None:
    """For the bake to compare with; a service that is not ready has no measure."""
    hand = _hand(Scene(probe_ms=7.0, down=down))
    STEP.apply(hand.context())
    assert hand.notes["preflight"] == {"baseline_ms": median_ms}


def test_a_lock_that_somebody_has_is_not_taken() -> None:
    """It says who, since when, and why; exit code 5."""
    scene = Scene(holders={"prod": SOMEBODY})
    with pytest.raises(
        LockHeldError, match=r"bo@there holds the lock of prod since 00:00:00 UTC \(0 s\): release 1"
    ) as caught:
        STEP.apply(_hand(scene).context())
    assert (caught.value.exit_code, scene.holders["prod"]) == (5, SOMEBODY)


def test_a_dead_process_s_lock_is_taken() -> None:
    """It holds nothing any more."""
    scene = Scene(holders={"prod": replace(SOMEBODY, host="host")}, dead={99})
    STEP.apply(_hand(scene).context())
    assert scene.holders["prod"].who == "operator@host"


def test_another_environment_s_lock_does_not_matter() -> None:
    """Staging and production are released apart."""
    scene = Scene(holders={"staging": SOMEBODY})
    STEP.apply(_hand(scene).context())
    assert set(scene.holders) == {"staging", "prod"}


def test_the_plan_s_findings_are_its_proof() -> None:
    """The checks were pure; what they said is weighed here."""
    hand = _hand(Scene())
    assert hand.plan
    assert STEP.verify(hand.context()).findings == hand.plan.findings


@pytest.mark.parametrize(
    ("moved", "words"), [({"serving": NEW}, "serves now"), ({"schema": "r2"}, "the schema is at r2")]
)
def test_a_world_that_moved_since_the_plan_is_a_no_go(moved: dict[str, str], words: str) -> None:
    """What was decided may be wrong by now; plan again."""
    scene = Scene()
    hand = _hand(scene)
    vars(scene).update(moved)
    with pytest.raises(NoGoError, match=words) as caught:
        STEP.verify(hand.context())
    assert caught.value.hint == "invoke deploy.plan --env prod"


def test_a_service_that_answers_nothing_is_left_to_the_checks() -> None:
    """Only another version is a moved world."""
    scene = Scene()
    hand = _hand(scene)
    scene.down.add("service")
    assert STEP.verify(hand.context()).evidence["serving"] == OLD[:12]


def test_a_plan_without_a_known_version_is_left_to_the_checks() -> None:
    """One of them blocks it."""
    scene = Scene()
    decided = replace(planned(scene), previous_commit="")
    assert STEP.verify(Hand(scene=scene, step="preflight", plan=decided).context()).findings
