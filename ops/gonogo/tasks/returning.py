"""A rollback from a task's point of view: plan, show, have its cost accepted, carry out, tell; and rehearsed."""

import shlex
from dataclasses import dataclass
from typing import Any

from gonogo import bootstrap, codec, retreat
from gonogo import plan as plan_room
from gonogo.errors import ExitCode, NoGoError, UsageError
from gonogo.local import rehearsal
from gonogo.model import Plan, WayBack
from gonogo.tasks import door, releasing
from gonogo.tasks.console import Console
from gonogo.tasks.releasing import End


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is asked of a rollback.

    Attributes:
        to: a release's id or a commit; empty for what stood there before.
        accept_loss: whether what the plan says is lost may be lost.
        accept_unknown: why to go although it is not known to be safe; empty when nobody said so.
        releases: the releases to know of; those of the ledger unless told.
    """

    to: str = ""
    accept_loss: bool = False
    accept_unknown: str = ""
    yes: bool = False
    dry_run: bool = False
    releases: tuple[str, ...] | None = None


def go_back(console: Console, on: bootstrap.Stage, wish: Wish) -> End:
    """Plan a rollback, show it, have its cost accepted, carry it out.

    Raises:
        NoGoError: it is impossible, or its cost was not accepted.
        UsageError: nobody said yes.
    """
    outside = on.world(releasing.nobody)
    with console.status(f"looking at {on.config.target.name}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.go_back(on.config, outside, wanted=wish.to, releases=wish.releases)
    console.plan(plan)
    if wish.dry_run:
        return _foreseen(console, plan, wish)
    is_typed = not wish.yes and _is_loss_typed(console, plan, wish)
    _demand_acceptance(plan, wish, is_typed=is_typed)
    if not is_typed:
        _ask(console, plan, wish)
    agreed = plan_room.accepted(plan, who=outside.operator, reason=wish.accept_unknown)
    return releasing.watched(console, on, agreed)


def rehearse(console: Console, wish: rehearsal.Wish, *, then_rollback: bool = False) -> End:
    """Release this tree on a stack of its own, and go back from it when that is asked for too.

    The end is the release's, with the rollback's document under `rollback`; its exit code where the release was good.
    """
    with rehearsal.session(wish, environ=door.environ(), progress=console.line) as on:
        code, said = releasing.release(console, on, releasing.Wish(yes=True))
        if code != ExitCode.RELEASED or not then_rollback:
            return code, said
        back = Wish(yes=True, accept_loss=True, releases=(str(said["release_id"]),))
        code, told = go_back(console, rehearsal.from_now_on(on), back)
        return code, {**said, "rollback": told}


def _foreseen(console: Console, plan: Plan, wish: Wish) -> End:
    """Say whether a rollback could begin by what is accepted already."""
    refused = _refusal(plan, wish, is_typed=False)
    is_blocked = bool(refused or plan_room.blockers(plan))
    if refused:
        console.error(refused)
    console.line("no-go: see what stands against it above" if is_blocked else f"next: {_command(plan, wish)}")
    said: dict[str, Any] = codec.plan_to_json(plan)
    return (ExitCode.NO_GO if is_blocked else ExitCode.RELEASED), said


def _is_loss_typed(console: Console, plan: Plan, wish: Wish) -> bool:
    """Have a loss accepted by the environment's name; where nothing is lost, or it is accepted, nobody is asked."""
    if wish.accept_loss or plan.forecast is None or plan.forecast.verdict is not WayBack.SAFE_WITH_LOSS:
        return False
    lost = " ".join(plan.forecast.reasons)
    return console.typed(f"{lost} To go back to {plan.target_version} all the same, type", plan.environment)


def _demand_acceptance(plan: Plan, wish: Wish, *, is_typed: bool) -> None:
    """Raise where a rollback may not begin by what was accepted."""
    if refused := _refusal(plan, wish, is_typed=is_typed):
        raise refused


def _refusal(plan: Plan, wish: Wish, *, is_typed: bool) -> NoGoError | None:
    """Return why a rollback may not begin; None when it may."""
    if plan.forecast is None:
        return None
    return retreat.refusal(plan.forecast, accept_loss=wish.accept_loss or is_typed, accept_unknown=wish.accept_unknown)


def _ask(console: Console, plan: Plan, wish: Wish) -> None:
    """Ask before anything changes.

    Raises:
        UsageError: nobody can be asked, or somebody said no.
    """
    if wish.yes or console.confirm(
        f"go back from {plan.previous_version} to {plan.target_version} on {plan.environment}?"
    ):
        return
    message = f"{plan.environment} was not changed: nobody said yes"
    raise UsageError("not-confirmed", message, hint=f"{_command(plan, wish)} --yes")


def _command(plan: Plan, wish: Wish) -> str:
    """Return what carries a rollback out, with what was accepted for it."""
    accepted = " --accept-loss" if wish.accept_loss else ""
    if wish.accept_unknown:
        accepted += f" --accept-unknown {shlex.quote(wish.accept_unknown)}"
    return f"invoke deploy.rollback --to {plan.target_version} --env {plan.environment}{accepted}"
