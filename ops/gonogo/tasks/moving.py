"""The schema moved alone, from a task's point of view: plan, show, have its cost accepted, carry out, tell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gonogo import adoption, bootstrap, codec, retreat
from gonogo import plan as plan_room
from gonogo.errors import ExitCode, GonogoError, UsageError
from gonogo.model import Plan, PlanKind, WayBack
from gonogo.protocols import World
from gonogo.report import words
from gonogo.report.lines import Line, Tone, finding
from gonogo.tasks import door, foreseeing, linting, releasing
from gonogo.tasks.console import Console
from gonogo.tasks.releasing import End

_SAID = {
    ExitCode.RELEASED: ("up to date", Tone.GOOD),
    ExitCode.NOTHING_TO_DO: ("migrations wait", Tone.WARN),
    ExitCode.NO_GO: ("something is half done, or not known here", Tone.BAD),
}
_FORESEEN = {
    PlanKind.MIGRATION: "nothing stands against it yet; step 4 lints the migrations and tries them, and may stop it",
    PlanKind.DOWNGRADE: "nothing stands against it",
}
_SHOWN = 20
_NO_ENVIRONMENT = 'once gonogo.toml has one: [environments.NAME] with database_url = "$VARIABLE"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is asked of a move of the schema.

    Attributes:
        to: the revision; empty for the newest.
        with_backup: whether a backup is taken and proven before.
        accept_loss: whether what the plan says is lost may be lost.
        during_freeze: why it may begin while nothing is released; empty when it may not.
    """

    environment: str
    to: str = ""
    with_backup: bool = True
    accept_loss: bool = False
    during_freeze: str = ""
    yes: bool = False
    dry_run: bool = False


def status(console: Console, named: str) -> int:
    """Show how an environment's schema stands, and return the exit code.

    Raises:
        UsageError: there is no such environment.
    """
    name = _environment(named)
    setup = linting.setup_of(name)
    target = bootstrap.reach(setup, foreseeing.whole(name))
    if target is None:
        raise UsageError("no-database", f"{name} names no database", hint="set database_url of it in gonogo.toml")
    with console.status(f"looking at the schema of {name}"):
        missing = list[str]()
        found = bootstrap.status(setup.root, target, linting.judged(setup, missing), name)
    _show(console, name, found, missing)
    console.document(_document(name, found, missing))
    return found.exit_code


def apply(console: Console, on: bootstrap.Stage, wish: Wish) -> End:
    """Plan how the schema goes up, show it, ask, carry it out; one that was left half-way is gone on with.

    Raises:
        UsageError: nobody said yes.
    """
    outside = on.world(releasing.nobody)
    if going := _going_on(console, on, outside, wish, PlanKind.MIGRATION):
        return going
    with console.status(f"looking at the schema of {wish.environment}"):
        bootstrap.refuse_unfinished(on.config, outside)
        decided = bootstrap.upgrade(on.config, outside, to=wish.to, with_backup=wish.with_backup)
    plan = bootstrap.weigh_freeze(on.config, outside, decided, wish.during_freeze)
    console.plan(plan)
    if wish.dry_run:
        return _foreseen(console, plan, wish)
    if not wish.during_freeze:
        bootstrap.refuse_freeze(on.config, outside)
    end = f"{plan.start_revision or 'nothing'} to {plan.target_revision}"
    door.demand_yes(console, f"migrate {plan.environment} from {end}?", yes=wish.yes)
    return releasing.watched(console, on, plan)


def take_back(console: Console, on: bootstrap.Stage, wish: Wish) -> End:
    """Plan how the schema goes back, show what it costs, have it accepted, carry it out.

    Raises:
        NoGoError: it is impossible, or its cost was not accepted.
        UsageError: nobody said yes, or to where.
    """
    if not wish.to:
        raise UsageError("no-revision", "--to says which revision to go back to", hint=door.again("--to", "REVISION"))
    outside = on.world(releasing.nobody)
    if going := _going_on(console, on, outside, wish, PlanKind.DOWNGRADE):
        return going
    with console.status(f"looking at the schema of {wish.environment}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.take_back(on.config, outside, to=wish.to)
    console.plan(plan)
    if wish.dry_run:
        return _foreseen(console, plan, wish)
    is_typed = not wish.yes and not wish.accept_loss and _is_loss_typed(console, plan)
    if refused := _refusal(plan, accept_loss=wish.accept_loss or is_typed):
        raise refused
    if not is_typed:
        door.demand_yes(console, f"take {plan.environment} back to {plan.target_revision}?", yes=wish.yes)
    return releasing.watched(console, on, plan_room.accepted(plan, who=outside.operator, reason=""))


def _environment(named: str) -> str:
    """Return the environment that is meant.

    Raises:
        UsageError: none is named, and there is no usual one.
    """
    if name := foreseeing.environment(named):
        return name
    known = ", ".join(adoption.environments(door.root()))
    hint = f"{door.again('--env', 'NAME')}, {f'of {known}' if known else _NO_ENVIRONMENT}"
    raise UsageError("no-environment", "no environment is named", hint=hint)


def _going_on(
    console: Console, on: bootstrap.Stage, outside: World, wish: Wish, kind: PlanKind
) -> End | None:  # fmt: skip
    """Go on with a move that was left half-way, and return its end; None where there is none, or somebody is at it."""
    begun = bootstrap.begun(on.config, outside, kind)
    if begun is None or outside.ledger.holder(wish.environment) is not None:
        return None
    console.line(f"{kind.value} {begun.release_id} to {begun.target_revision} was left half-way: this goes on with it")
    if wish.dry_run:
        return ExitCode.RELEASED, dict(codec.plan_to_json(begun))
    door.demand_yes(console, f"go on with it on {wish.environment}?", yes=wish.yes)
    return releasing.watched(console, on, begun)


def _foreseen(console: Console, plan: Plan, wish: Wish) -> End:
    """Say whether a move could begin by what is accepted already."""
    refused = _refusal(plan, accept_loss=wish.accept_loss) if plan.kind is PlanKind.DOWNGRADE else None
    is_blocked = bool(refused or plan_room.blockers(plan))
    if refused:
        console.error(refused)
    console.line("no-go: see what stands against it above" if is_blocked else _FORESEEN[plan.kind])
    said: dict[str, Any] = codec.plan_to_json(plan)
    return (ExitCode.NO_GO if is_blocked else ExitCode.RELEASED), said


def _is_loss_typed(console: Console, plan: Plan) -> bool:
    """Have a loss accepted by the environment's name; where nothing is lost nobody is asked."""
    if plan.forecast is None or plan.forecast.verdict is not WayBack.SAFE_WITH_LOSS:
        return False
    lost = " ".join(plan.forecast.reasons)
    return console.typed(f"{lost} To go back to {plan.target_revision} all the same, type", plan.environment)


def _refusal(plan: Plan, *, accept_loss: bool) -> GonogoError | None:
    """Return why a move back may not begin; None when it may."""
    return retreat.refusal(plan.forecast, accept_loss=accept_loss, accept_unknown="") if plan.forecast else None


def _show(console: Console, name: str, found: bootstrap.Status, missing: Sequence[str]) -> None:
    """Show how a schema stands."""
    said, tone = _SAID[found.exit_code]
    at, head = ", ".join(found.versions) or "nothing", ", ".join(found.heads) or "nothing"
    notes = (*found.notes, *missing)
    console.block(
        [
            Line(text=f"{name}: {said}", tone=tone),
            Line("schema", f"at {at}; this tree's newest is {head}"),
            Line("pending", f"{len(found.pending)}: {', '.join(found.pending)}" if found.pending else "none"),
            *(Line("note", note, Tone.WARN) for note in notes),
            *(finding(each) for each in (*found.findings, *found.waiting)),
        ]
    )
    if found.applied:
        console.line()
        headers = ("revision", "way", "began (UTC)", "took", "attempts", "by", "release")
        console.table(headers, [_row(each) for each in found.applied[:_SHOWN]])
    elif found.versions:
        console.line("who applied what is not known: neither the database nor the ledger has it written down")
    if found.pending and found.exit_code != ExitCode.NO_GO:
        console.line(f"next: invoke migrate.plan --env {name}")


def _row(each: bootstrap.Applied) -> tuple[str, ...]:
    """Return one revision's row."""
    took = "" if each.seconds is None else words.seconds(each.seconds)
    attempts = "" if each.attempts is None else str(each.attempts)
    return each.revision, each.direction, f"{each.at:%Y-%m-%d %H:%M:%S}", took, attempts, each.who, each.release_id


def _document(name: str, found: bootstrap.Status, missing: Sequence[str]) -> dict[str, object]:
    """Return the JSON object."""
    verdicts = {ExitCode.RELEASED: "up_to_date", ExitCode.NOTHING_TO_DO: "pending", ExitCode.NO_GO: "half_applied"}
    return {
        "environment": name,
        "verdict": verdicts[found.exit_code],
        "exit_code": int(found.exit_code),
        "versions": list(found.versions),
        "heads": list(found.heads),
        "pending": list(found.pending),
        "applied": [{**asdict(each), "at": each.at.isoformat()} for each in found.applied],
        "findings": [asdict(each) for each in found.findings],
        "in_the_way": [asdict(each) for each in found.waiting],
        "notes": [*found.notes, *missing],
    }
