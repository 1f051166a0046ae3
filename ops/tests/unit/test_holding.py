"""What is done only while the lock is held, and what is said of who holds it."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from gonogo import holding
from gonogo.errors import LockLostError
from gonogo.model import Checkout, Holder
from gonogo.protocols import World
from gonogo.testing import NEW, Scene

AT = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
# What of a world is no port whose effects are an environment's.
OTHERS = {"clock", "git", "checkouts", "ledger", "traffic", "observe", "operator", "host", "pid"}


def test_every_port_of_a_world_is_fenced() -> None:
    """A new one must be given its place: what of it only looks?"""
    assert {each.name for each in fields(World)} == OTHERS | set(holding.READING)


@pytest.mark.parametrize("port", holding.READING)
def test_what_is_said_to_look_is_a_verb_of_its_port(port: str) -> None:
    """A verb that is renamed is not left unfenced."""
    assert [verb for verb in holding.READING[port] if not hasattr(getattr(Scene().world(), port), verb)] == []


def test_an_effect_without_the_lock_is_not_had() -> None:
    """Looking is free."""
    scene = Scene()
    world = scene.world()
    fenced = holding.fenced(world, holding.HeldLedger(world.ledger))

    assert fenced.database.revision() == "r1"
    with pytest.raises(LockLostError, match="before the lock is taken"):
        fenced.migrations.upgrade(Checkout(commit=NEW, path=scene.root, python=scene.root), "r2")
    assert (scene.schema, scene.calls) == ("r1", [])


@pytest.mark.parametrize(("held_s", "said"), [(4.2, "4 s"), (61.0, "1 min"), (3599.0, "59 min"), (7260.0, "2 h 1 min")])
def test_a_refusal_says_who_since_when_where_and_until(held_s: float, said: str) -> None:
    """Enough to call them, or to wait."""
    holder = Holder(
        who="bo@there", host="there", pid=99, since=AT, why="release 1", release_id="r", held_s=held_s, ends_in_s=80.0
    )
    error = holding.refusal("prod", holder)

    assert error.message == f"bo@there holds the lock of prod since 09:30:00 UTC ({said}): release 1"
    assert (error.where, error.exit_code) == ("pid 99 on there", 5)
    assert error.why == "it ends by itself in 1 min unless its process gives a sign of life"


@pytest.mark.parametrize(
    ("ends_in_s", "said"), [(None, "it lasts until it is given back"), (1800.0, "it ends by itself in 30 min")]
)
def test_a_person_s_hold_says_how_it_ends(ends_in_s: float | None, said: str) -> None:
    """And how to end it."""
    holder = Holder(who="bo", host="there", pid=0, since=AT, why="moving", release_id="", ends_in_s=ends_in_s)

    assert holding.lasting(holder) == said
    assert holding.refusal("prod", holder).hint == "talk to them, or: invoke deploy.unlock --env prod"
