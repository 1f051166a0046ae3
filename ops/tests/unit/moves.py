"""Moves of the schema alone, in the in-memory world: upgrades and downgrades without a release."""

from collections.abc import Mapping
from functools import partial

from gonogo import bootstrap
from gonogo.model import Plan, Standing
from gonogo.testing import NEW, Scene, revision
from tests.unit.releases import CONFIG, Story

R2, R3 = revision("r2"), revision("r3")
ONE_WAY = revision("r3", kind="contract", reversible=False)
HALF_BUILT = Standing(invalid_indexes=(("public.ix", "public.users"),))


def ahead(**changes: object) -> Scene:
    """Return a scene whose schema stands two migrations before the tree's."""
    return Scene(**{"pending": (R2, R3), **changes})  # type: ignore[arg-type]  # the test names a field


def applied(**changes: object) -> Scene:
    """Return a scene whose schema is two migrations further than what serves."""
    return ahead(**{"schema": "r3", **changes})


def upgrade(scene: Scene, to: str = "", *, with_backup: bool = True) -> Plan:
    """Return the plan of going up."""
    return bootstrap.upgrade(CONFIG, scene.world(), to=to, with_backup=with_backup)


def take_back(scene: Scene, to: str = "r1") -> Plan:
    """Return the plan of going back."""
    return bootstrap.take_back(CONFIG, scene.world(), to=to)


# What a move's part of the crash matrix is made of.
MOVES: Mapping[str, Story] = {
    "up": Story(scene=ahead, plan=upgrade),
    "up-locked": Story(scene=partial(ahead, lock_timeouts=99), plan=upgrade),
    "up-breaks": Story(scene=partial(ahead, broken_revision="r3"), plan=upgrade),
    "up-old-code-breaks": Story(scene=partial(ahead, pending=(R2, ONE_WAY), broken_revision="r3"), plan=upgrade),
    "up-backup-corrupt": Story(scene=partial(ahead, digest="e" * 64), plan=upgrade),
    "up-one": Story(scene=ahead, plan=partial(upgrade, to="r2")),
    "down": Story(scene=applied, plan=take_back),
    "down-one": Story(scene=applied, plan=partial(take_back, to="r2")),
    "down-locked": Story(scene=partial(applied, lock_timeouts=99), plan=take_back),
    "down-from-nothing-that-serves": Story(scene=partial(applied, unready={"a" + "0" * 39: "db"}), plan=take_back),
}


def serving_new(**changes: object) -> Scene:
    """Return a scene in which the version that brings the newer schema serves."""
    return applied(serving=NEW, working=NEW, **changes)
