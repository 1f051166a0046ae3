"""A restore from a task's point of view: plan, show, have the database's name typed out, carry out, tell."""

from gonogo import bootstrap, codec
from gonogo import plan as plan_room
from gonogo.errors import ExitCode, NoGoError, UsageError
from gonogo.model import Plan
from gonogo.tasks import door, releasing
from gonogo.tasks.console import Console


def restore(console: Console, environment: str, wanted: bootstrap.Wanted, *, confirm: str, dry_run: bool) -> int:
    """Plan a restore, show it, have it confirmed, carry it out, and return the exit code.

    Args:
        console: where it is shown.
        environment: whose data.
        wanted: what is asked.
        confirm: the name of the database at stake; empty to be asked for it.
        dry_run: whether to stop after the plan.

    Raises:
        NoGoError: something stands against it.
        UsageError: another name was typed.
    """
    on = releasing.stage(environment)
    outside = on.world(releasing.nobody)
    with console.status(f"looking at the backup and at the server of {environment}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.restore(on.config, outside, bootstrap.vault(on.config), wanted)
    console.plan(plan)
    if found := plan_room.blockers(plan):
        if not dry_run and confirm:
            message = "; ".join(each.message for each in found)
            raise NoGoError("restore-blocked", message, hint=found[0].hint)
        console.line("no-go: see what blocks above")
        console.document(dict(codec.plan_to_json(plan)))
        return int(ExitCode.NO_GO)
    if dry_run or not _is_confirmed(console, plan, confirm):
        console.line(f"nothing was changed. To do it: {door.again('--confirm', at_stake(plan))}")
        console.document(dict(codec.plan_to_json(plan)))
        return int(ExitCode.RELEASED)
    code, said = releasing.watched(console, on, plan)
    console.document(said)
    return code


def at_stake(plan: Plan) -> str:
    """Return the name of the database that has to be typed: the one that is switched away, else the new one."""
    wish = plan.restoring
    return "" if wish is None else wish.served if wish.former else wish.into


def _is_confirmed(console: Console, plan: Plan, confirm: str) -> bool:
    """Return whether the name was typed out; without a terminal and without --confirm nobody is asked.

    Raises:
        UsageError: it was another one.
    """
    name = at_stake(plan)
    if not confirm:
        return console.typed(f"{plan.subject}: to do it, type the name of the database", name)
    if confirm != name:
        message = f"--confirm says {confirm!r}, the database at stake is {name}"
        raise UsageError("not-confirmed", message, hint="nothing was changed; look at the plan above")
    return True
