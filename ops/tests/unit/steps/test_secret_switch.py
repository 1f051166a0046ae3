"""Rotation: an application is told another value, deployed, and each of its processes is seen to use it."""

import pytest

from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Pair, Secret
from gonogo.protocols import StepKind
from gonogo.steps.secret_switch import SecretSwitch
from gonogo.testing import API, OLD, WORKER, Scene
from tests.unit.releases import Hand, executed
from tests.unit.rotations import decided, scene_of

TO_API, TO_WORKER = SecretSwitch("api-switch", of_workers=False), SecretSwitch("worker-switch", of_workers=True)
ALONE = SecretSwitch("api-alone", of_workers=False, is_alone=True)
HOOK, URL = "TELEGRAM_WEBHOOK_SECRETS", "REDIS_URL"


def _hand(step: SecretSwitch, name: str = "redis", scene: Scene | None = None) -> Hand:
    """Return the context of a rotation whose new value is taken and told to nobody."""
    scene = scene or scene_of(name)
    hand = Hand(scene=scene, step=step.name, plan=decided(name, scene))
    old, new = (Secret(name, f"{age}-{name}") for age in ("old", "new"))
    assert hand.plan
    scene.kept[hand.plan.release_id] = Pair(made_at=hand.plan.created_at, old=old, new=new)
    scene.taken = {old.reveal(), new.reveal()}
    return hand


@pytest.mark.parametrize(("step", "uuid"), [(TO_API, API), (TO_WORKER, WORKER)])
def test_an_application_is_told_and_deployed_and_seen_to_use_it(step: SecretSwitch, uuid: str) -> None:
    """The other one is left alone."""
    hand = _hand(step)
    assert not step.check(hand.context())
    step.apply(hand.context())
    assert (hand.scene.told[uuid, URL], hand.scene.running[uuid, URL]) == ("new-redis", "new-redis")
    other = WORKER if uuid == API else API
    assert (hand.scene.told[other, URL], hand.scene.running[other, URL]) == ("old-redis", "old-redis")
    assert step.check(hand.context())
    assert URL in str(step.verify(hand.context()).evidence)


def test_the_version_that_runs_is_deployed_again_and_no_other() -> None:
    """A rotation is no release."""
    hand = _hand(TO_API)
    TO_API.apply(hand.context())
    assert [each.commit for each in hand.scene.deployments] == [OLD]


def test_each_worker_runs_a_job_with_the_new_value() -> None:
    """A fingerprint says what a process was told, a job that it works."""
    hand = _hand(TO_WORKER)
    TO_WORKER.apply(hand.context())
    evidence = TO_WORKER.verify(hand.context()).evidence
    assert evidence["workers"] == "1 seen, 1 expected"
    assert evidence["canary job"].startswith("job done by")


def test_of_a_list_both_values_are_told_and_later_the_new_one_alone() -> None:
    """The new one stands first: it is what is shown."""
    hand = _hand(TO_API, "telegram-webhook")
    TO_API.apply(hand.context())
    assert hand.scene.told[API, HOOK] == "new-telegram-webhook,old-telegram-webhook"
    later = _hand(ALONE, "telegram-webhook")
    ALONE.apply(later.context())
    assert later.scene.told[API, HOOK] == "new-telegram-webhook"
    assert (ALONE.kind, ALONE.is_past(later.context())) == (StepKind.RECORD, True)
    assert (TO_API.kind, TO_API.is_past(hand.context())) == (StepKind.CHANGE, False)


def test_a_process_that_still_uses_the_old_value_is_a_failure() -> None:
    """By the fingerprints, not the values."""
    hand = _hand(TO_API)
    TO_API.apply(hand.context())
    hand.scene.running[API, URL] = "old-redis"
    with pytest.raises(StepFailedError, match="a process of the API uses ") as caught:
        TO_API.verify(hand.context())
    assert "-redis" not in caught.value.message


def test_a_value_that_somebody_changed_meanwhile_is_a_failure() -> None:
    """The next deployment would bring another one than runs."""
    hand = _hand(TO_API)
    TO_API.apply(hand.context())
    hand.scene.told[API, URL] = "of somebody else"
    with pytest.raises(StepFailedError, match="somebody changed it"):
        TO_API.verify(hand.context())


def test_undone_the_old_value_is_told_deployed_and_used() -> None:
    """Also where only the variable was changed."""
    hand = _hand(TO_API)
    TO_API.apply(hand.context())
    TO_API.revert(hand.context())
    assert (hand.scene.told[API, URL], hand.scene.running[API, URL]) == ("old-redis", "old-redis")
    early = _hand(TO_API)
    early.scene.told[API, URL] = "new-redis"
    TO_API.revert(early.context())
    assert (early.scene.told[API, URL], len(early.scene.deployments)) == ("old-redis", 0)


def test_an_undoing_that_fails_needs_a_person() -> None:
    """What is to be set is said, and no value."""
    hand = _hand(TO_API)
    TO_API.apply(hand.context())
    hand.scene.deploy_ends[OLD] = "failed"
    with pytest.raises(NeedsPersonError) as caught:
        TO_API.revert(hand.context())
    assert caught.value.reference == "api-switch-not-back"
    assert f"set {URL} as it was" in caught.value.hint


def test_a_deployment_that_is_lost_is_taken_up_again_and_not_asked_for_twice() -> None:
    """Its answer was lost: Coolify is asked whether it knows it."""
    hand = _hand(TO_API)
    hand.scene.lost_answers = 1
    TO_API.apply(hand.context())
    TO_API.apply(hand.context())
    assert len(hand.scene.deployments) == 1


def test_after_a_deployment_that_came_to_nothing_another_one_is_asked_for() -> None:
    """Past the point of no return a failure is gone on with, not undone."""
    hand = _hand(ALONE, "telegram-webhook")
    hand.scene.deploy_ends[OLD] = "failed"
    with pytest.raises(StepFailedError):
        ALONE.apply(hand.context())
    hand.scene.deploy_ends.clear()
    ALONE.apply(hand.context())
    assert len(hand.scene.deployments) == 2
    assert hand.scene.running[API, HOOK] == "new-telegram-webhook"


def test_a_platform_that_refuses_the_variable_deploys_nothing() -> None:
    """The rotation is undone, the old value is used as before."""
    scene = scene_of("redis")
    plan = decided("redis", scene)
    scene.fail_at[f"platform.change_value {API} {URL}"] = RefusedError("variable-not-kept", "no")
    state = executed(scene, plan)
    assert (state.verdict.value, len(scene.deployments)) == ("rolled_back", 0)
    assert (scene.taken, scene.kept) == ({"old-redis"}, {})
    assert (state.failed_step and state.failed_step.name) == "api-switch"


def test_what_is_intended_names_the_variable_and_who_proves_it() -> None:
    """Of a list, that the old value stays."""
    redis, hook = _hand(TO_API).plan, _hand(TO_API, "telegram-webhook").plan
    assert redis
    assert hook
    assert TO_API.intent(redis).startswith(f"set {URL} to the new value in Coolify")
    assert "prove it on each worker" in TO_WORKER.intent(redis)
    assert "the new value and the old" in TO_API.intent(hook)
    assert "the new value alone" in ALONE.intent(hook)
