"""A rotation ends with the new value everywhere and the old one refused, or with the old one as before."""

from collections.abc import Callable

import pytest
from hypothesis import settings

from gonogo import credentials, journal, steps
from gonogo.bootstrap import rotating
from gonogo.errors import AwaitsPersonError, RefusedError, UsageError
from gonogo.model import Secret, Severity
from gonogo.secrecy import rotations
from gonogo.testing import API, WORKER, Scene
from tests.unit.releases import CONFIG, carried_through, executed, killed_everywhere, resumed, story_of
from tests.unit.rotations import STORIES, decided, scene_of

CONTEXT_NAMES = sorted(STORIES)
IS_LARGE = settings.get_current_profile_name() == "large"


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


@pytest.mark.parametrize("name", CONTEXT_NAMES if IS_LARGE else ["telegram-webhook"])
def test_a_rotation_killed_anywhere_is_brought_to_the_same_end(name: str) -> None:
    """Before and after each call of each port, by default every ninth: whoever goes on leaves what one alone leaves."""
    whole = scene_of(name)
    executed(whole, decided(name, whole))
    for left in killed_everywhere(STORIES[name])[:: 1 if IS_LARGE else 9]:
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
    fails = "platform.trigger worker-uuid" if credentials.KINDS[name].variable else "safe.change_own"
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


def test_what_a_person_makes_is_waited_for_and_gone_on_with() -> None:
    """The run ends, the lock is free; the value is given once, and no abort is taken after it."""
    scene = scene_of("todoist-token")
    plan = decided("todoist-token", scene)
    with pytest.raises(AwaitsPersonError, match="issue a new API token"):
        executed(scene, plan)
    assert (scene.holders, scene.running[API, "TODOIST_API_TOKEN"]) == ({}, "old-todoist-token")
    with pytest.raises(UsageError, match="value in use"):
        rotating.give_value(scene.world(), plan, Secret("x", "old-todoist-token"))
    for wrong, why in (("", "is empty"), ("one\ntwo", "line ends"), ("of me", "spaces"), ("a\x00b", "other signs")):
        with pytest.raises(UsageError, match=why):
            rotating.give_value(scene.world(), plan, Secret("x", wrong))
    assert [each.new for each in scene.kept.values()] == [None]
    scene.taken = {"new-token"}
    rotating.give_value(scene.world(), plan, Secret("x", "new-token"))
    with pytest.raises(UsageError, match="cannot be taken back"):
        executed(scene, plan, turn="because")
    assert executed(scene, plan).verdict.value == "released"
    assert scene.running[WORKER, "TODOIST_API_TOKEN"] == "new-token"


def test_after_the_old_value_has_ended_a_failure_is_gone_on_with() -> None:
    """A person is needed, nothing is undone, and the next process ends it."""
    scene = scene_of("redis")
    plan = decided("redis", scene)
    scene.fail_at["issuers.retire"] = RefusedError("no", "no")
    state = executed(scene, plan)
    assert (state.verdict.value, scene.running[API, "REDIS_URL"]) == ("needs_person", "new-redis-0123456789")
    with pytest.raises(UsageError, match="cannot be taken back"):
        resumed(scene, turn="because")
    scene.fail_at.clear()
    assert resumed(scene).verdict.value == "released"


def test_no_secret_is_in_the_ledger() -> None:
    """Neither the old nor the new value is in any entry."""
    scene = scene_of("database")
    executed(scene, decided("database", scene))
    assert not [
        entry for entry in scene.entries if "-database-0123456789" in str(entry) or "old-database" in str(entry)
    ]


def test_the_last_rotation_of_each_secret_is_read_from_journals() -> None:
    """One that was undone, or not proven, is none."""
    scene = scene_of("redis")
    state = executed(scene, decided("redis", scene))
    assert rotations.read(scene.entries) == {"REDIS_URL": state.steps["rotation-record"].ended_at}
    failed = scene_of("redis")
    failed.fail_at["issuers.retire"] = RefusedError("no", "no")
    executed(failed, decided("redis", failed))
    assert rotations.read(failed.entries) == {}
    assert (
        list(rotating.last_rotated(CONFIG, scene.world())),
        dict(rotating.last_rotated(CONFIG, failed.world())),
    ) == (
        ["redis"],
        {},
    )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda scene: scene.told.pop((API, credentials.KEY)), "fingerprints"),
        (lambda scene: scene.told.update({(WORKER, "REDIS_URL"): "another"}), "secret-set"),
        (lambda scene: scene.taken.clear(), "secret-taken"),
        (lambda scene: scene.running.update({(WORKER, "REDIS_URL"): "another"}), "fingerprints"),
    ],
)
def test_what_stands_against_a_rotation_blocks_it(change: Callable[[Scene], object], rule: str) -> None:
    """Nothing is changed, and the plan says why."""
    scene = scene_of("redis")
    change(scene)
    state = executed(scene, decided("redis", scene))
    assert state.verdict.value == "no_go"
    assert rule in {each.rule for each in state.plan.findings if each.severity is Severity.BLOCK}


def test_an_unknown_secret_is_named_with_those_there_are() -> None:
    """The command that shows more is in the hint."""
    with pytest.raises(UsageError, match="there is no secret called 'x'; there are: api-tokens, database"):
        decided("x", scene_of("redis"))


def test_each_step_of_a_rotation_is_known_to_a_ledger() -> None:
    """A plan from the ledger finds its steps by name."""
    scene = scene_of("telegram-webhook")
    plan = decided("telegram-webhook", scene)
    assert [step.name for step in steps.of(plan)] == [step.name for step in plan.steps]
    assert CONFIG.target.name == plan.environment
