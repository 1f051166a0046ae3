"""A release that is gone on with, in a world that moved meanwhile or before an audience that left."""

import pytest

from gonogo import run, steps
from gonogo.model import Entry, Verdict
from gonogo.testing import OLD, Died, Scene
from tests.unit.releases import CONFIG, executed, planned, resumed


class TestResumedInAnotherWorld:
    """What was proven before the break is proven again after it."""

    def test_a_release_whose_api_was_replaced_meanwhile_is_not_released(self) -> None:
        """The bake was done, then the old version came back: the resume says so and goes back."""
        scene = Scene(die_after=("ledger.append", 32))
        with pytest.raises(Died):
            executed(scene)
        scene.serving = OLD
        state = resumed(scene)
        assert (state.verdict, scene.serving, scene.log) == (Verdict.ROLLED_BACK, OLD, [])

    def test_who_only_watches_cannot_stop_it(self) -> None:
        """A live view that breaks is not a failed release."""

        def broken(entry: Entry) -> None:
            raise BrokenPipeError(entry.kind)

        scene = Scene()
        state = run.execute(planned(scene), world=scene.world(broken), config=CONFIG, steps=steps.ALL)
        assert state.verdict is Verdict.RELEASED
