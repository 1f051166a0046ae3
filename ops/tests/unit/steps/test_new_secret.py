"""Rotation, step 2: the new value is kept before anybody is told of it, and is then taken beside the old one."""

import pytest

from gonogo.errors import AwaitsPersonError, NeedsPersonError, NoGoError, RefusedError, StepFailedError
from gonogo.model import Pair, Secret
from gonogo.steps.new_secret import NewSecret
from gonogo.testing import API, Scene
from gonogo.testing.secrets import MemoryIssuers
from tests.unit.releases import Hand
from tests.unit.rotations import decided, scene_of

STEP = NewSecret()


def _hand(name: str, scene: Scene | None = None) -> Hand:
    """Return the step's context over a scene whose service uses an old value."""
    scene = scene or scene_of(name)
    return Hand(scene=scene, step="new-secret", plan=decided(name, scene))


def _kept(hand: Hand) -> Pair:
    """Return what is kept of a rotation."""
    assert hand.plan
    return hand.scene.kept[hand.plan.release_id]


@pytest.mark.parametrize("name", ["api-tokens", "database", "redis", "telegram-webhook", "xai-key"])
def test_a_new_value_is_kept_first_and_then_let_in(name: str) -> None:
    """Whoever is killed between the two finds what it made."""
    hand = _hand(name)
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    calls = [each.split()[0] for each in hand.scene.calls]
    assert calls.index("safe.keep") < calls.index("issuers.admit")
    assert _kept(hand).old.reveal() == f"old-{name}"
    assert STEP.check(hand.context())


def test_a_value_that_its_issuer_changed_is_kept_as_it_is() -> None:
    """A key that only its provider makes is known when it was made."""
    hand = _hand("xai-key")
    STEP.apply(hand.context())
    assert hand.plan
    hand.scene.kept[hand.plan.release_id] = Pair(
        made_at=_kept(hand).made_at, old=_kept(hand).old, new=Secret("XAI_API_KEY", "another")
    )
    hand.scene.taken = {"old-xai-key", "another"}
    STEP.apply(hand.context())
    assert _kept(hand).coming.reveal() == "another"


def test_two_values_that_are_taken_are_proven_by_asking() -> None:
    """The evidence shows a fingerprint, and no value."""
    hand = _hand("redis")
    STEP.apply(hand.context())
    evidence = dict(STEP.verify(hand.context()).evidence)
    assert evidence["old"] == "taken as before"
    assert evidence["new"].endswith(", taken")
    assert "new-redis" not in str(evidence)


def test_what_the_service_takes_from_a_list_is_proven_later() -> None:
    """The service has not been told it yet."""
    hand = _hand("telegram-webhook")
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence["new"].endswith("taken once the service is told")


def test_a_new_value_that_is_refused_is_a_failure_that_can_be_undone() -> None:
    """The command that takes it back is said."""
    hand = _hand("redis")
    STEP.apply(hand.context())
    hand.scene.taken = {"old-redis"}
    with pytest.raises(StepFailedError, match="the new redis is refused") as caught:
        STEP.verify(hand.context())
    assert "deploy.abort" in caught.value.hint


def test_an_old_value_that_has_ended_already_is_told_with_what_ends_the_harm() -> None:
    """The service uses what is refused: going on is the quickest way out."""
    hand = _hand("redis")
    STEP.apply(hand.context())
    hand.scene.taken = {"new-redis-0123456789"}
    with pytest.raises(StepFailedError, match="refused already, and the service still uses it") as caught:
        STEP.verify(hand.context())
    assert "deploy.resume" in caught.value.hint


def test_nothing_is_rotated_that_is_not_set() -> None:
    """Nothing is kept either."""
    hand = _hand("redis")
    del hand.scene.told[API, "REDIS_URL"]
    with pytest.raises(NoGoError, match="REDIS_URL is not set"):
        STEP.apply(hand.context())
    assert hand.scene.kept == {}


def test_what_a_person_makes_is_asked_for_and_then_taken_as_given() -> None:
    """The old value is kept meanwhile, so that a wrong one can be told from it."""
    hand = _hand("todoist-token")
    with pytest.raises(AwaitsPersonError, match="a person makes the new todoist-token") as caught:
        STEP.apply(hand.context())
    assert "--value-from -" in caught.value.hint
    assert (_kept(hand).new, STEP.check(hand.context()), STEP.is_past(hand.context())) == (None, False, False)
    assert hand.plan
    pair = Pair(made_at=_kept(hand).made_at, old=_kept(hand).old, new=Secret("TODOIST_API_TOKEN", "made"))
    hand.scene.kept[hand.plan.release_id], hand.scene.taken = pair, {"made"}
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence["old"] == "ended when the new one was made"
    assert STEP.is_past(hand.context())


def test_a_value_that_overlaps_can_always_be_taken_back() -> None:
    """The point of no return is another step's."""
    hand = _hand("redis")
    STEP.apply(hand.context())
    assert not STEP.is_past(hand.context())


def test_taking_it_back_has_it_refused_and_forgotten() -> None:
    """The old one is taken as before."""
    hand = _hand("database")
    STEP.apply(hand.context())
    assert STEP.revert(hand.context()).evidence == {"new": "taken no more, and forgotten"}
    assert (hand.scene.taken, hand.scene.kept) == ({"old-database"}, {})
    assert STEP.revert(hand.context()).evidence == {"new": "none was made"}


def test_taking_it_back_ends_only_when_it_is_refused() -> None:
    """What is still taken is still kept: it can be taken away with nothing else."""
    hand = _hand("database")
    STEP.apply(hand.context())
    hand.scene.fail_at["issuers.withdraw"] = RefusedError("role-refused", "no")
    with pytest.raises(RefusedError):
        STEP.revert(hand.context())
    assert _kept(hand).coming.reveal() in hand.scene.taken


def test_an_issuer_that_says_yes_and_does_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is needed, and the value is kept until then."""
    hand = _hand("database")
    STEP.apply(hand.context())
    monkeypatch.setattr(MemoryIssuers, "withdraw", lambda *_: None)
    with pytest.raises(NeedsPersonError, match="the new database is still taken"):
        STEP.revert(hand.context())
    assert _kept(hand).coming.reveal() in hand.scene.taken


def test_what_a_person_made_is_forgotten_and_left_to_them() -> None:
    """Nobody else can delete it."""
    hand = _hand("todoist-token")
    with pytest.raises(AwaitsPersonError):
        STEP.apply(hand.context())
    assert "deletes it" in STEP.revert(hand.context()).evidence["new"]
    assert hand.scene.kept == {}


def test_what_is_intended_names_who_makes_it() -> None:
    """A person's part is said before it begins."""
    person, machine = _hand("todoist-token").plan, _hand("redis").plan
    assert person
    assert machine
    assert STEP.intent(person).startswith("wait for a person: in Todoist")
    assert STEP.intent(machine).startswith("make a new value of the service's login at Redis")


def test_a_plan_that_rotates_nothing_is_refused() -> None:
    """By its kind and id."""
    with pytest.raises(NoGoError, match="rotates no secret"):
        STEP.verify(Hand(scene=Scene(), step="new-secret").context())
