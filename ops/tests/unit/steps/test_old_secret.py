"""Rotation, near its end: the old value is taken away for good, and a revocation is believed when it is refused."""

from datetime import timedelta

import pytest

from gonogo.errors import AwaitsPersonError, NeedsPersonError, StepFailedError, UnreachableError
from gonogo.model import Pair, Secret
from gonogo.steps.old_secret import OldSecretRefused, OldSecretRevoked
from gonogo.testing import API, WORKER
from gonogo.testing.secrets import MemoryIssuers
from tests.unit.releases import Hand
from tests.unit.rotations import decided, scene_of

REVOKED, REFUSED = OldSecretRevoked(), OldSecretRefused()


def _hand(name: str, *, is_switched: bool = True) -> Hand:
    """Return the context of a rotation whose new value is taken, and used where it is switched."""
    scene = scene_of(name)
    hand = Hand(scene=scene, step="old-secret", plan=decided(name, scene))
    assert hand.plan
    variable = hand.plan.rotation.variable if hand.plan.rotation else ""
    old, new = (Secret(variable or "API_TOKEN", f"{age}-{name}") for age in ("old", "new"))
    scene.kept[hand.plan.release_id] = Pair(made_at=hand.plan.created_at - timedelta(seconds=9), old=old, new=new)
    scene.taken = {old.reveal(), new.reveal()}
    for app in (API, WORKER) if is_switched and variable else ():
        scene.told[app, variable] = scene.running[app, variable] = new.reveal()
    return hand


@pytest.mark.parametrize("name", ["api-tokens", "database", "redis", "xai-key"])
def test_the_old_value_is_taken_away_and_the_new_one_stays(name: str) -> None:
    """Whoever goes on after a kill does it again: a server may refuse what it has not yet kept as refused."""
    hand = _hand(name)
    for _ in range(2):
        assert not REVOKED.check(hand.context())
        REVOKED.apply(hand.context())
    assert hand.scene.taken == {f"new-{name}"}
    assert REVOKED.verify(hand.context()).evidence == {"sessions with the old value": "none"}


def test_whoever_is_still_in_with_the_old_value_is_told() -> None:
    """A login that is refused does not end a session."""
    hand = _hand("database", is_switched=False)
    REVOKED.apply(hand.context())
    assert not REVOKED.check(hand.context())
    with pytest.raises(StepFailedError, match="2 sessions are still open that the old database opened") as caught:
        REVOKED.verify(hand.context())
    assert "deploy.resume" in caught.value.hint


def test_there_is_no_way_back_once_it_has_begun() -> None:
    """Its undoing changes nothing, and nobody may ask for it."""
    hand = _hand("redis")
    assert REVOKED.is_past(hand.context())
    assert REVOKED.revert(hand.context()).evidence == {}
    assert hand.scene.taken == {"old-redis", "new-redis"}


def test_what_only_a_person_can_end_is_waited_for() -> None:
    """The console is named, and the command that goes on; what they ended is not ended again."""
    hand = _hand("todoist-token")
    with pytest.raises(AwaitsPersonError, match="the old one is still taken") as caught:
        REVOKED.apply(hand.context())
    assert caught.value.hint.startswith("invoke secrets.rotate todoist-token")
    hand.scene.taken.discard("old-todoist-token")
    assert REVOKED.check(hand.context())


def test_values_that_are_kept_no_more_are_asked_for_on_the_other_machine() -> None:
    """Nothing is taken away that nobody can name."""
    hand = _hand("redis")
    hand.scene.kept.clear()
    with pytest.raises(NeedsPersonError, match="does not keep the new redis"):
        REVOKED.apply(hand.context())
    assert hand.scene.counts["issuers.retire"] == 0


def test_a_revocation_is_proven_each_time_by_showing_both_values() -> None:
    """It changes nothing, and is never already so."""
    hand = _hand("redis")
    hand.scene.taken.discard("old-redis")
    assert not REFUSED.check(hand.context())
    REFUSED.apply(hand.context())
    evidence = REFUSED.verify(hand.context()).evidence
    assert evidence["old"].startswith("refused, seen after")
    assert (evidence["new"], REFUSED.revert(hand.context()).evidence, hand.scene.calls) == ("taken", {}, [])


def test_an_old_value_that_is_taken_after_a_minute_is_a_failure() -> None:
    """A minute of the clock has passed, and no less."""
    hand = _hand("redis")
    began = hand.scene.seconds
    with pytest.raises(StepFailedError, match="still taken 60 s after it was retired"):
        REFUSED.verify(hand.context())
    assert hand.scene.seconds - began >= 60


def test_a_new_value_that_is_refused_too_is_a_failure() -> None:
    """A server that refuses everybody proves nothing."""
    hand = _hand("redis")
    hand.scene.taken.clear()
    with pytest.raises(StepFailedError, match="the new redis is refused"):
        REFUSED.verify(hand.context())


def test_a_server_that_does_not_answer_has_refused_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is no proof."""
    hand = _hand("redis")
    hand.scene.taken.discard("old-redis")

    def silent(*_: object) -> bool:
        raise UnreachableError("redis-unreachable", "no answer")

    monkeypatch.setattr(MemoryIssuers, "accepts", silent)
    with pytest.raises(StepFailedError, match="the old redis is still taken"):
        REFUSED.verify(hand.context())


def test_of_a_list_each_old_value_must_be_refused_but_one_that_goes_on() -> None:
    """A list that held the new value already does not stop its own rotation."""
    hand = _hand("telegram-webhook")
    assert hand.plan
    pair = hand.scene.kept[hand.plan.release_id]
    listed = Secret(pair.old.name, "first,new-telegram-webhook")
    hand.scene.kept[hand.plan.release_id] = Pair(made_at=pair.made_at, old=listed, new=pair.new)
    assert REFUSED.verify(hand.context()).evidence["new"] == "taken"
    hand.scene.running[API, "TELEGRAM_WEBHOOK_SECRETS"] += ",first"
    with pytest.raises(StepFailedError, match="the old telegram-webhook is still taken"):
        REFUSED.verify(hand.context())


def test_what_is_intended_says_that_there_is_no_way_back() -> None:
    """Before it is confirmed."""
    assert (plan := _hand("redis").plan) is not None
    assert "no way back" in REVOKED.intent(plan)
    assert "within 60 s" in REFUSED.intent(plan)
