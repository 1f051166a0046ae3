"""A rotation from a task's point of view: plan, show, ask, take what a person made, carry out, tell."""

import sys
from dataclasses import dataclass
from pathlib import Path

from gonogo import bootstrap, codec
from gonogo import plan as plan_room
from gonogo.errors import ExitCode, LockHeldError, UsageError
from gonogo.model import Plan, Secret
from gonogo.protocols import World
from gonogo.tasks import door, releasing
from gonogo.tasks.console import Console
from gonogo.tasks.releasing import End


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is asked of a rotation.

    Attributes:
        by_hand: whether a person makes the new value, also where its issuer could be asked.
        value_from: the file with the value that a person made, `-` for standard input; empty for none.
    """

    name: str
    by_hand: bool = False
    value_from: str = ""
    yes: bool = False
    dry_run: bool = False


def rotate(console: Console, on: bootstrap.Stage, wish: Wish) -> End:
    """Plan a rotation, show it, ask, carry it out; one that was left half-way is gone on with.

    Raises:
        UsageError: nobody said yes, or the value cannot be read.
        LockHeldError: something else was left half-way.
        AwaitsPersonError: a person must do the next step.
    """
    outside = on.world(releasing.nobody)
    if going := _going_on(console, on, outside, wish):
        return going
    with console.status(f"looking at {wish.name} of {on.config.target.name}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.rotate(on.config, outside, wish.name, by_hand=wish.by_hand)
    console.plan(plan)
    if wish.dry_run:
        is_blocked = bool(plan_room.blockers(plan))
        console.line("no-go: see what blocks above" if is_blocked else f"next: {door.again()}")
        return (ExitCode.NO_GO if is_blocked else ExitCode.RELEASED), dict(codec.plan_to_json(plan))
    door.demand_yes(console, f"rotate {wish.name} on {plan.environment}?", yes=wish.yes)
    return _carried(console, on, plan, wish)


def status(console: Console, environment: str) -> None:
    """Show which rotation waits, and when each secret was rotated last."""
    config = releasing.config(environment)
    outside = bootstrap.Stage(config=config).world(releasing.nobody)
    waiting, last = bootstrap.begun_rotation(config, outside), bootstrap.last_rotated(config, outside)
    now = outside.clock.now()
    rows = [
        (name, f"{at:%Y-%m-%d %H:%M}" if at else "not recorded", f"{(now - at).days} days" if at else "")
        for name, at in ((name, last.get(name)) for name in bootstrap.ROTATED)
    ]
    console.table(("secret", "last rotated (UTC)", "age"), rows)
    if waiting and waiting.rotation:
        hint = f"invoke secrets.rotate {waiting.rotation.name} --env {environment}"
        console.line(f"{waiting.release_id} was left half-way: {hint}")
    console.document(
        {
            "environment": environment,
            "waiting": waiting.release_id if waiting else "",
            "rotated": {name: at.isoformat() for name, at in last.items()},
        }
    )


def _going_on(console: Console, on: bootstrap.Stage, outside: World, wish: Wish) -> End | None:
    """Go on with a rotation that was left half-way, and return its end; None where there is none.

    Raises:
        LockHeldError: it is one of another secret.
    """
    begun = bootstrap.begun_rotation(on.config, outside)
    if begun is None or begun.rotation is None or outside.ledger.holder(begun.environment) is not None:
        return None
    env = f"--env {begun.environment}"
    if begun.rotation.name != wish.name:
        message = f"the rotation {begun.release_id} of {begun.rotation.name} was left half-way"
        hint = f"go on: invoke secrets.rotate {begun.rotation.name} {env}; or back: invoke deploy.abort {env}"
        raise LockHeldError("release-unfinished", message, why="two at once could not be told apart", hint=hint)
    console.line(f"rotation {begun.release_id} was left half-way: this goes on with it")
    if wish.dry_run:
        return ExitCode.RELEASED, dict(codec.plan_to_json(begun))
    door.demand_yes(console, f"go on with it on {begun.environment}?", yes=wish.yes)
    return _carried(console, on, begun, wish)


def _carried(console: Console, on: bootstrap.Stage, plan: Plan, wish: Wish) -> End:
    """Carry a rotation out, with the value that a person made where it is given or can be asked for."""
    outside = on.world(releasing.nobody)
    if wish.value_from and outside.safe.pair(plan.release_id) is None:
        hint = f"without --value-from first: it says what to do; then {door.again()}"
        raise UsageError("value-too-early", "the rotation has not begun: nobody was asked for a value", hint=hint)
    if outside.ledger.read(plan.release_id) and bootstrap.awaits_value(outside, plan):
        text = _read(wish.value_from) if wish.value_from else console.secret(f"the new {wish.name}, not shown")
        if text:
            bootstrap.give_value(outside, plan, Secret(wish.name, text))
    return releasing.watched(console, on, plan)


def _read(where: str) -> str:
    """Return the value in a file, or on standard input.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        text = sys.stdin.read() if where == "-" else Path(where).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        message = f"--value-from {where} cannot be read: {type(error).__name__}"
        raise UsageError("value-unreadable", message, hint="name a file that holds the value alone") from None
    return text.strip()
