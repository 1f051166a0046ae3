"""The crash matrix: a release that is killed, once or often, anywhere, ends as if nothing had happened.

Points are before and after each entry of the journal, each move of the lock and each effect, of every story.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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

DEATHS = {story: deaths_of(story) for story in STORIES}
EXPECTED: dict[str, Outcome] = {story: without_death(story) for story in STORIES}
# Before the first entry is stored there is no release that could be interrupted.
INTERRUPTS = [
    pytest.param(death, id=f"{'after' if death.is_after else 'at'}-{death.name}-{death.nth}")
    for death in DEATHS["smoke-fails-contract"]
    if death.is_after or (death.name, death.nth) != ("ledger.append", 1)
]
# Points without a step: the release's first and last entries, and the lock given back.
_WHOLE = "(the release)"


def test_the_matrix_is_complete(record_property: Callable[[str, object], None]) -> None:
    """Before and after every entry, every move of the lock and every effect, on every step of every story."""
    table = {story: Counter(_owners(story)) for story in STORIES}
    steps = [step.name for step in STORIES["good"].plan(Scene()).steps]
    for story in STORIES:
        assert len(DEATHS[story]) == 2 * len(list(_owners(story)))
        assert len({(death.name, death.nth, death.is_after) for death in DEATHS[story]}) == len(DEATHS[story])
    for step in steps:  # an entry before and an entry after it, at least
        assert table["good"][step] >= 2
    record_property("crash matrix", _shown(table, [_WHOLE, *steps]))


@pytest.mark.parametrize("story", STORIES)
def test_a_release_killed_anywhere_ends_as_if_it_had_not_been(story: str) -> None:
    """All old or all new, nothing twice, every effect announced, lock and scratch database gone."""
    wrong = [(death, found) for death in DEATHS[story] if (found := _wrong(story, [death]))]

    assert wrong == []


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
    assert _wrong(story, deaths) == []


def test_a_deployment_whose_id_was_never_written_down_is_adopted() -> None:
    """It is found by its commit and its number, while it is still under way."""
    scene = Scene(deploy_s=30.0, appears_s=3.0)
    state = carried_through(scene, [Death(name="platform.trigger", nth=1, is_after=True)])
    assert (state.notes["api-rollout"]["deployment"], twice(scene)) == ("d1", [])


def _wrong(story: str, deaths: Sequence[Death]) -> list[object]:
    """Return what is not as it would be without these deaths."""
    scene = STORIES[story]()
    state = carried_through(scene, deaths, story=STORIES[story])
    left = (outcome(scene, state), scene.world().ledger.holder("prod"), scene.scratch)
    mixed = [] if left == (EXPECTED[story], None, set()) else [left]
    return [*mixed, *twice(scene), *unannounced(scene)]


def _owners(story: str) -> Iterator[str]:
    """Yield the step that each call of a story belongs to."""
    scene = STORIES[story]()
    executed(scene, STORIES[story].plan(scene))
    current = _WHOLE
    for call in scene.calls:
        name, _, told = call.partition(" ")
        if name in {"ledger.append", "ledger.release"}:
            current = told.partition(" ")[2] or _WHOLE
        yield current


def _shown(table: dict[str, Counter[str]], rows: Sequence[str]) -> str:
    """Return the matrix: for each step the points of all stories, and for each story its own."""
    lines = [f"{'step':<18} points  stories"]
    for row in rows:
        points = [2 * counts[row] for counts in table.values() if counts[row]]
        lines.append(f"{row:<18} {sum(points):>6}  {len(points):>7}")
    total = sum(2 * sum(counts.values()) for counts in table.values())
    lines.append(f"{'all':<18} {total:>6}  {len(table):>7}")
    return "\n".join(lines)
