"""A Coolify that queues nothing for a while, or does not answer: what certainly had no effect is asked anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gonogo import rollout
from gonogo.errors import UnreachableError
from gonogo.model import Deployment
from gonogo.testing import API, NEW, OLD, Died, Scene
from tests.unit.releases import Hand


def _hand(scene: Scene) -> Hand:
    """Return the API rollout's context over a scene."""
    return Hand(scene=scene, step="api-rollout")


def _order(hand: Hand) -> rollout.Order:
    """Return the order to deploy the new API, with what was noted so far."""
    return rollout.Order(app_uuid=API, commit=NEW, prefix="deploy", notes=dict(hand.notes.get("api-rollout", {})))


def _deployed(hand: Hand) -> Deployment:
    """Deploy the new API in a new process, and return what came of it."""
    context = hand.context()
    return rollout.deploy(context, _order(hand))


def _triggers(scene: Scene) -> int:
    """Return how many deployments were asked for."""
    return scene.counts["platform.trigger"]


class TestBusy:
    """A Coolify that queues nothing for a while, or does not answer."""

    def test_it_is_asked_anew_until_it_takes_it(self) -> None:
        """Nothing was queued, so nothing can happen twice; each request is written down before."""
        scene = Scene(busy=3)
        hand = _hand(scene)
        asked: list[str] = []
        context = hand.context()

        def note(notes: Mapping[str, Any]) -> None:
            asked.extend(name for name in notes if name in {"deploy_asked", "deploy_refused"})
            context.note(notes)

        ended = rollout.deploy(replace(context, note=note), _order(hand))
        assert (ended.uuid, scene.counts["platform.refuse"], _triggers(scene)) == ("d1", 3, 1)
        assert asked == ["deploy_asked", "deploy_refused"] * 3 + ["deploy_asked"]

    def test_one_that_stays_busy_is_told_in_time(self) -> None:
        """After the longest that a deployment may take: how often it was asked, and what Coolify said."""
        scene = Scene(busy=10**9)
        with pytest.raises(UnreachableError, match=r"is full, .* .asked \d+ times in \d+ s, each time") as caught:
            _deployed(_hand(scene))
        assert (caught.value.reference, caught.value.hint, _triggers(scene)) == ("deploy-queue-full", "wait 60 s", 0)
        assert 900.0 <= scene.seconds < 1000.0

    def test_another_commit_that_was_set_meanwhile_is_not_built(self) -> None:
        """What is to be built is set again before each request."""
        scene = Scene(busy=1)
        hand = _hand(scene)
        context = hand.context()

        def note(notes: Mapping[str, Any]) -> None:
            if "deploy_refused" in notes:
                scene.pinned[API] = OLD
            context.note(notes)

        assert rollout.deploy(replace(context, note=note), _order(hand)).commit == NEW

    def test_the_next_process_asks_as_well(self) -> None:
        """Killed while it waits: it is asked for once."""
        scene = Scene(busy=2, die_at=("platform.refuse", 2))
        hand = _hand(scene)
        with pytest.raises(Died):
            _deployed(hand)
        assert (_deployed(hand).uuid, _triggers(scene)) == ("d1", 1)

    def test_the_first_look_is_repeated(self) -> None:
        """An outage right after the request is no answer: what was queued goes on."""
        scene = Scene(silences=20, deploy_s=30.0)
        assert (_deployed(_hand(scene)).uuid, _triggers(scene)) == ("d1", 1)

    def test_one_that_does_not_answer_is_not_said_to_deploy(self) -> None:
        """Waiting for quiet ends with what is known: nobody answers."""
        scene = Scene()
        context = _hand(scene).context()
        scene.down.add("deployments")
        with pytest.raises(UnreachableError, match="the deployments does not answer"):
            rollout.settle(context, API)
        assert scene.seconds >= 900.0
