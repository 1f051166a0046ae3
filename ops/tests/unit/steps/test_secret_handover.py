"""Rotation: whoever shows the secret shows the new one, and the operator's own values hold it."""

import pytest

from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Pair, Secret
from gonogo.steps.secret_handover import SecretHandover
from gonogo.testing import API, Scene
from tests.unit.releases import Hand
from tests.unit.rotations import decided, scene_of

STEP = SecretHandover()
HOOK = "TELEGRAM_WEBHOOK_SECRETS"


def _hand(name: str, **own: str) -> Hand:
    """Return the context of a rotation whose old and new value are taken."""
    scene = scene_of(name)
    scene.owned.update(own)
    hand = Hand(scene=scene, step="secret-handover", plan=decided(name, scene))
    old, new = (Secret(name, f"{age}-{name}") for age in ("old", "new"))
    assert hand.plan
    scene.kept[hand.plan.release_id] = Pair(made_at=hand.plan.created_at, old=old, new=new)
    scene.taken = {old.reveal(), new.reveal()}
    if name == "telegram-webhook":
        scene.running[API, HOOK] = f"{new.reveal()},{old.reveal()}"
    return hand


def _own(scene: Scene) -> str:
    """Return the operator's own token."""
    return scene.owned["API_TOKEN"]


def test_the_operators_own_value_becomes_the_new_one() -> None:
    """It is asked for each time: who shows a secret does not say which."""
    hand = _hand("api-tokens")
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert _own(hand.scene) == "new-api-tokens"
    assert STEP.verify(hand.context()).evidence["API_TOKEN"] == "the new value"


def test_done_twice_it_is_as_done_once() -> None:
    """A process that is killed in it is gone on with."""
    hand = _hand("api-tokens")
    STEP.apply(hand.context())
    STEP.apply(hand.context())
    assert _own(hand.scene) == "new-api-tokens"
    assert hand.scene.counts["safe.change_own"] == 1


def test_whoever_shows_it_to_the_service_shows_the_new_one() -> None:
    """An operator's own value that is another one is left alone."""
    hand = _hand("telegram-webhook", TELEGRAM_WEBHOOK_SECRETS="of somebody else")
    STEP.apply(hand.context())
    assert hand.scene.shown == {"telegram-webhook": "new-telegram-webhook"}
    assert hand.scene.owned[HOOK] == "of somebody else"
    assert STEP.verify(hand.context()).evidence["delivery"] == "taken with the new value"


def test_who_keeps_no_value_is_told_none() -> None:
    """Nothing is written where nothing was."""
    hand = _hand("xai-key")
    STEP.apply(hand.context())
    assert "XAI_API_KEY" not in hand.scene.owned
    assert STEP.verify(hand.context()).evidence["XAI_API_KEY"] == "not kept here"


def test_a_new_value_that_the_service_refuses_is_a_failure() -> None:
    """It is shown by everybody now."""
    hand = _hand("api-tokens")
    STEP.apply(hand.context())
    hand.scene.taken = {"old-api-tokens"}
    with pytest.raises(StepFailedError, match="the service refuses the new api-tokens"):
        STEP.verify(hand.context())


def test_an_own_value_that_is_still_the_old_one_is_a_failure() -> None:
    """It would be refused a moment later."""
    hand = _hand("api-tokens")
    with pytest.raises(StepFailedError, match="API_TOKEN still holds the old value"):
        STEP.verify(hand.context())


def test_undone_everybody_shows_the_old_one_again() -> None:
    """And it is taken."""
    hand = _hand("telegram-webhook", TELEGRAM_WEBHOOK_SECRETS="old-telegram-webhook")
    STEP.apply(hand.context())
    assert hand.scene.owned[HOOK] == "new-telegram-webhook"
    assert STEP.revert(hand.context()).evidence == {"delivery": "taken with the old value"}
    assert (hand.scene.shown, hand.scene.owned[HOOK]) == (
        {"telegram-webhook": "old-telegram-webhook"},
        "old-telegram-webhook",
    )


def test_undone_with_an_old_value_that_is_refused_needs_a_person() -> None:
    """Going on is the way out."""
    hand = _hand("api-tokens")
    STEP.apply(hand.context())
    hand.scene.taken = {"new-api-tokens"}
    with pytest.raises(NeedsPersonError, match="the old api-tokens is refused") as caught:
        STEP.revert(hand.context())
    assert "deploy.resume" in caught.value.hint


def test_a_file_that_cannot_be_written_leaves_the_old_value() -> None:
    """What is refused is said; the next try ends it."""
    hand = _hand("api-tokens")
    hand.scene.fail_at["safe.change_own"] = RefusedError("own-value-unclear", "two lines")
    with pytest.raises(RefusedError, match="two lines"):
        STEP.apply(hand.context())
    assert _own(hand.scene) == "old-api-tokens"


def test_what_is_intended_names_what_is_written() -> None:
    """And, of a webhook, that all its fields are set."""
    hook, token = _hand("telegram-webhook").plan, _hand("api-tokens").plan
    assert hook
    assert token
    assert "webhook with all its fields" in STEP.intent(hook)
    assert STEP.intent(token).startswith("API_TOKEN: write the new value")
