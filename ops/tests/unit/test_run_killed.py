"""A release that is killed, once or often, anywhere: gone on with, it ends as if nothing had happened."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import journal
from gonogo.errors import InterruptedReleaseError
from gonogo.model import EntryKind
from gonogo.testing import Scene
from tests.unit.releases import (
    STORIES,
    Death,
    Outcome,
    carried_through,
    deaths_of,
    executed,
    outcome,
    resumed,
    twice,
    unannounced,
    without_death,
)

# The whole matrix of these runs each time; hypothesis picks from that of every story.
WHOLE = ("good", "worker-crash-slow", "smoke-fails-contract")
DEATHS = {story: deaths_of(story) for story in STORIES}
EXPECTED: dict[str, Outcome] = {story: without_death(story) for story in STORIES}
MATRIX = [
    pytest.param(story, death, id=f"{story}-{'after' if death.is_after else 'at'}-{death.name}-{death.nth}")
    for story in WHOLE
    for death in DEATHS[story]
]
# Before the first entry is stored there is no release that could be interrupted.
INTERRUPTS = [
    pytest.param(death, id=f"{'after' if death.is_after else 'at'}-{death.name}-{death.nth}")
    for death in DEATHS["smoke-fails-contract"]
    if death.is_after or (death.name, death.nth) != ("ledger.append", 1)
]


def test_the_matrix_holds_every_call_of_its_stories() -> None:
    """Ten steps, each with an entry before and after: fewer places than that would be a hole."""
    assert len(MATRIX) > len(WHOLE) * 2 * 10 * 2
    assert {death.name for death in DEATHS["smoke-fails-contract"]} >= {
        "ledger.acquire",
        "ledger.append",
        "ledger.release",
        "backups.take",
        "database.restore",
        "migrations.upgrade",
        "migrations.downgrade",
        "platform.pin",
        "platform.trigger",
        "smoke.run",
    }


@pytest.mark.parametrize(("story", "death"), MATRIX)
def test_a_release_killed_anywhere_ends_as_if_it_had_not_been(story: str, death: Death) -> None:
    """All old or all new, nothing twice, every effect announced, lock and scratch database gone."""
    scene = STORIES[story]()
    state = carried_through(scene, [death])
    assert scene.dead
    assert outcome(scene, state) == EXPECTED[story]
    assert (twice(scene), unannounced(scene)) == ([], [])
    assert (scene.world().ledger.holder("prod"), scene.scratch) == (None, set())


@pytest.mark.parametrize("death", INTERRUPTS)
def test_a_release_interrupted_anywhere_frees_the_lock_and_can_be_gone_on_with(death: Death) -> None:
    """Ctrl-C is a death with a last word; once the end is written down, it is the end."""
    scene = STORIES["smoke-fails-contract"]()
    scene.dies_of = KeyboardInterrupt
    death.strike(scene)
    with suppress(InterruptedReleaseError):
        executed(scene)
    last = EntryKind.RELEASE_ENDED if journal.replay(scene.entries).is_ended else EntryKind.INTERRUPTED
    assert (scene.entries[-1].kind, scene.holders) == (last, {})
    assert outcome(scene, resumed(scene)) == EXPECTED["smoke-fails-contract"]
    assert twice(scene) == []


@st.composite
def _killed_often(draw: st.DrawFn) -> tuple[str, list[Death]]:
    """Draw a story and up to four deaths, with time passing between them."""
    story = draw(st.sampled_from(sorted(STORIES)))
    one = st.builds(_later, st.sampled_from(DEATHS[story]), st.sampled_from([0.0, 1.0, 5.0, 3600.0]))
    return story, draw(st.lists(one, min_size=1, max_size=4))


def _later(death: Death, pause_s: float) -> Death:
    """Return the same death after a pause."""
    return Death(name=death.name, nth=death.nth, is_after=death.is_after, pause_s=pause_s)


@settings(max_examples=60, deadline=None, database=None)
@given(_killed_often())
def test_a_release_killed_often_ends_as_if_it_had_not_been(drawn: tuple[str, list[Death]]) -> None:
    """However many processes it takes and however long they wait."""
    story, deaths = drawn
    scene = STORIES[story]()
    state = carried_through(scene, deaths)
    assert outcome(scene, state) == EXPECTED[story]
    assert (twice(scene), unannounced(scene)) == ([], [])
    assert (scene.world().ledger.holder("prod"), scene.scratch) == (None, set())


def test_a_deployment_whose_id_was_never_written_down_is_adopted() -> None:
    """It is found by its commit and its number, while it is still under way."""
    scene = Scene(deploy_s=30.0, appears_s=3.0)
    state = carried_through(scene, [Death(name="platform.trigger", nth=1, is_after=True)])
    assert (state.notes["api-rollout"]["deployment"], twice(scene)) == ("d1", [])
