"""A rotation ends with the new value everywhere and the old one refused, or with the old one as before."""

import pytest

from gonogo import credentials, journal
from gonogo.errors import RefusedError
from gonogo.testing import API, WORKER, Scene
from tests.unit.releases import carried_through, executed, killed_everywhere, resumed, story_of
from tests.unit.rotations import STORIES, decided, scene_of

CONTEXT_NAMES = sorted(STORIES)


def end_of(name: str, scene: Scene) -> tuple[object, ...]:
    """Return what a rotation leaves: who is told what, what runs, what is taken, shown and kept."""
    told = {key: value for key, value in scene.told.items() if key[1] != credentials.KEY}
    ran = {key: value for key, value in scene.running.items() if key[1] != credentials.KEY}
    return told, ran, scene.taken, scene.shown, scene.owned, scene.kept


def new_of(name: str) -> str:
    """Return the value that a scene's issuer makes."""
    return f"new-{name}-0123456789"


@pytest.mark.parametrize("name", CONTEXT_NAMES)
def test_a_rotation_ends_with_the_new_value_alone(name: str) -> None:
    """API and worker are told it and use it, the old one is refused, nothing is kept, one line is written."""
    scene, kind = scene_of(name), credentials.KINDS[name]
    state = executed(scene, decided(name, scene))
    assert state.verdict.value == "released", state.failed_step
    if kind.variable:
        assert {scene.running[app, kind.variable] for app in (API, WORKER)} == {new_of(name)}
    assert f"old-{name}" not in scene.taken or kind.by_list
    assert (scene.kept, len(scene.log)) == ({}, 1)
    assert state.notes["rotation-record"]["rotated"] == name


@pytest.mark.parametrize("name", CONTEXT_NAMES)
def test_a_rotation_killed_anywhere_is_brought_to_the_same_end(name: str) -> None:
    """Before and after each call of each port: whoever goes on leaves what one process alone leaves."""
    whole = scene_of(name)
    executed(whole, decided(name, whole))
    for left in killed_everywhere(STORIES[name]):
        scene = left.scene
        if not scene.entries:
            continue
        plan = journal.replay(story_of(scene)).plan
        state = carried_through(scene, decided=plan)
        assert state.verdict.value == "released", (left.death, state.failed_step)
        assert end_of(name, scene) == end_of(name, whole), left.death


@pytest.mark.parametrize("name", CONTEXT_NAMES)
def test_a_rotation_that_fails_before_the_end_of_the_old_is_undone(name: str) -> None:
    """The old value is told and used again, the new one is taken no more, nothing is kept."""
    before, scene = scene_of(name), scene_of(name)
    fails = "platform.trigger worker-uuid" if credentials.KINDS[name].variable else "vault.change_own"
    plan = decided(name, scene)
    scene.fail_at[f"{fails} {'a' + '0' * 39}" if credentials.KINDS[name].variable else fails] = RefusedError("no", "no")
    state = executed(scene, plan)
    assert state.verdict.value in {"rolled_back", "needs_person"}, state.failed_step
    scene.fail_at.clear()
    if state.verdict.value == "needs_person":
        state = resumed(scene)
    assert state.verdict.value == "rolled_back"
    told, ran, taken, _, owned, kept = end_of(name, scene)
    assert (told, ran, taken, owned, kept) == (before_of(before, name))


def before_of(scene: Scene, name: str) -> tuple[object, ...]:
    """Return the same of a scene that nobody touched."""
    told, ran, taken, _, owned, kept = end_of(name, scene)
    return told, ran, taken, owned, kept
