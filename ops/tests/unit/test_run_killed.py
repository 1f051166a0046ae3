"""The crash matrix: a release or a rollback killed, once or often, anywhere, ends as if nothing had happened.

Points are before and after each entry of the journal, each move of the lock and each effect, of every story.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import journal, steps
from gonogo.errors import InterruptedReleaseError
from gonogo.journal import State
from gonogo.model import EntryKind
from gonogo.testing import Scene
from tests.unit import moves, releases, restores, rollbacks
from tests.unit.releases import (
    Death,
    Story,
    carried_through,
    deaths_of,
    executed,
    killed_everywhere,
    outcome,
    resumed,
    twice,
    unannounced,
    without_death,
)

STORIES: Mapping[str, Story] = {**releases.STORIES, **rollbacks.ROLLBACKS, **moves.MOVES, **restores.RESTORES}
INTERRUPTED = STORIES["smoke-fails-contract"]
# Points without a step: the first and the last entries, and the lock given back.
_WHOLE = "(as a whole)"
# Those of a release in their order, and where a rollback has one more.
_STEPS = tuple(step.name for step in steps.ALL)
_AFTER = _STEPS.index("worker-rollout") + 1
ROWS = (_WHOLE, *_STEPS[:_AFTER], "downgrade", *_STEPS[_AFTER:], "schema-check", "schema-record", *restores.STEPS)


def test_the_matrix_is_complete(record_property: Callable[[str, object], None]) -> None:
    """Before and after every entry, every move of the lock and every effect, on every step of every story."""
    table = {name: Counter(left.step or _WHOLE for left in killed_everywhere(story)) for name, story in STORIES.items()}
    for name, story in STORIES.items():
        scene = story()
        decided = story.plan(scene)
        executed(scene, decided)
        deaths = deaths_of(story)
        assert {(death.name, death.nth) for death in deaths if not death.is_after} == _numbered(scene.calls)
        # What fails before it has any effect is over before it has begun.
        assert len(deaths) == len(set(deaths)) == 2 * len(scene.calls) - _refused(scene)
        entered = {entry.step for entry in scene.entries if entry.release_id == decided.release_id if entry.step}
        assert set(table[name]) == entered | {_WHOLE}
    assert {row for counts in table.values() for row in counts} == set(ROWS)
    record_property("crash matrix", _shown(table))


@pytest.mark.parametrize("name", STORIES)
def test_killed_anywhere_it_ends_as_if_it_had_not_been(name: str) -> None:
    """All old or all new, nothing twice, every effect announced, lock and scratch database gone."""
    story = STORIES[name]
    decided = story.plan(story())
    wrong = [
        (left.death, found)
        for left in killed_everywhere(story, decided)
        if (found := _wrong(story, left.scene, carried_through(left.scene, decided=decided)))
    ]

    assert wrong == []


def test_interrupted_anywhere_it_frees_the_lock_and_can_be_gone_on_with() -> None:
    """Ctrl-C is a death with a last word; once the end is written down, it is the end."""
    for death in deaths_of(INTERRUPTED):
        if death == Death(name="ledger.append", nth=1, is_after=False):  # there is no release that could be interrupted
            continue
        scene = INTERRUPTED()
        scene.dies_of = KeyboardInterrupt
        death.strike(scene)
        with suppress(InterruptedReleaseError):
            executed(scene)
        last = EntryKind.RELEASE_ENDED if journal.replay(scene.entries).is_ended else EntryKind.INTERRUPTED
        assert (scene.entries[-1].kind, scene.holders) == (last, {}), death
        assert outcome(scene, resumed(scene)) == without_death(INTERRUPTED), death
        assert (twice(scene), scene.scratch) == ([], set()), death


@settings(max_examples=60, deadline=None, database=None)
@given(st.data())
def test_killed_often_it_ends_as_if_it_had_not_been(data: st.DataObject) -> None:
    """However many processes it takes and however long they wait."""
    story = STORIES[data.draw(st.sampled_from(sorted(STORIES)))]
    pauses = st.sampled_from([0.0, 1.0, 5.0, 3600.0])
    one = st.tuples(st.sampled_from(deaths_of(story)), pauses).map(lambda drawn: replace(drawn[0], pause_s=drawn[1]))
    scene = story()
    state = carried_through(scene, data.draw(st.lists(one, min_size=1, max_size=4)), decided=story.plan(scene))
    assert _wrong(story, scene, state) == []


def test_a_deployment_whose_id_was_never_written_down_is_adopted() -> None:
    """It is found by its commit and its number, while it is still under way."""
    scene = Scene(deploy_s=30.0, appears_s=3.0)
    state = carried_through(scene, [Death(name="platform.trigger", nth=1, is_after=True)])
    assert (state.notes["api-rollout"]["deployment"], twice(scene)) == ("d1", [])


def _wrong(story: Story, scene: Scene, state: State) -> list[object]:
    """Return what is not as it would be if nothing had died."""
    left = (outcome(scene, state), scene.world().ledger.holder("prod"), scene.scratch)
    mixed = [] if left == (without_death(story), None, set()) else [left]
    return [*mixed, *twice(scene), *unannounced(scene)]


def _numbered(calls: Sequence[str]) -> set[tuple[str, int]]:
    """Return each call's name with its place among the calls of that name, from 1."""
    counted = Counter(call.split()[0] for call in calls)
    return {(name, nth) for name, count in counted.items() for nth in range(1, count + 1)}


def _refused(scene: Scene) -> int:
    """Return how many of a scene's calls failed before they could have an effect."""
    return sum(call in scene.fail_at or call.split()[0] in scene.fail_at for call in scene.calls)


def _shown(table: Mapping[str, Counter[str]]) -> str:
    """Return the matrix: for each step its points, and how many of each sort of plan have any."""
    lines = [f"{'step':<18} points  releases  rollbacks  moves  restores"]
    for row in (*ROWS, "all"):
        points = {name: counts.total() if row == "all" else counts[row] for name, counts in table.items()}
        having = Counter(_sort(name) for name, count in points.items() if count)
        counts = "  ".join(f"{having[sort]:>{len(sort)}}" for sort in ("releases", "rollbacks", "moves", "restores"))
        lines.append(f"{row:<18} {sum(points.values()):>6}  {counts}")
    return "\n".join(lines)


def _sort(name: str) -> str:
    """Return what a story is of."""
    if name in restores.RESTORES:
        return "restores"
    return "rollbacks" if name in rollbacks.ROLLBACKS else "moves" if name in moves.MOVES else "releases"
