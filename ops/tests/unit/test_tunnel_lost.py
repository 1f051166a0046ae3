"""A release whose tunnel is lost under its migration: nothing is sent twice, and the schema is asked what happened."""

from dataclasses import dataclass, replace
from typing import cast

import pytest

from gonogo import run, steps
from gonogo.errors import AnswerLostError
from gonogo.model import Checkout, Verdict
from gonogo.protocols import Migrations
from gonogo.testing import OLD, Scene, revision
from tests.unit.releases import CONFIG, planned


@dataclass(kw_only=True)
class Losing:
    """Migrations whose upgrade loses its tunnel, before or after it has happened.

    Attributes:
        upgrades: how often it was asked for.
    """

    behind: Migrations
    has_happened: bool
    upgrades: int = 0

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Upgrade, and lose the answer."""
        self.upgrades += 1
        if self.has_happened:
            self.behind.upgrade(checkout, revision)
        raise AnswerLostError("tunnel-lost", "the SSH tunnel to vps is down: it was lost: Connection closed")

    def __getattr__(self, name: str) -> object:
        """Return every other call."""
        return getattr(self.behind, name)


@pytest.mark.parametrize("has_happened", [True, False])
@pytest.mark.parametrize("reversible", [True, False])
def test_the_release_goes_back_by_what_the_schema_says(*, has_happened: bool, reversible: bool) -> None:
    """One upgrade was sent; what it did is undone where it can be, and a person is called where it cannot."""
    scene = Scene(pending=(revision("r2", kind="contract", reversible=reversible),))
    world = scene.world()
    losing = Losing(behind=world.migrations, has_happened=has_happened)
    lost = replace(world, migrations=cast(Migrations, losing))

    state = run.execute(
        planned(scene),
        world=lost,
        config=CONFIG,
        steps=steps.ALL,
    )

    is_stuck = has_happened and not reversible
    assert losing.upgrades == 1
    assert state.verdict is (Verdict.NEEDS_PERSON if is_stuck else Verdict.ROLLED_BACK)
    assert (scene.schema, scene.serving) == ("r2" if is_stuck else "r1", OLD)
    assert "the SSH tunnel to vps is down" in str(state.ending["reason"])
