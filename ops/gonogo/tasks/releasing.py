"""One release from a task's point of view: plan, show, ask, carry out, tell. prod, staging and rehearse share it."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from gonogo import bootstrap, codec, trying
from gonogo.errors import ExitCode, UsageError
from gonogo.local import elders, rehearsal, standing
from gonogo.model import JSON, Config, Entry, Finding, Plan, PlanKind, Severity
from gonogo.tasks import door
from gonogo.tasks.console import Console

# The exit code, and the object that `--json` prints.
End = tuple[int, dict[str, JSON]]


def stage(environment: str) -> bootstrap.Stage:
    """Return what a release to an environment is carried out on; a local stack says its own values.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: values are missing or wrong, all of them at once.
        StackError: its stack is not up.
    """
    found = config(environment)
    own = standing.own_values(door.root(), found.target.stack) if found.target.stack else None
    return bootstrap.Stage(config=found, elders=elders.elders(found), own=own)


def config(environment: str) -> Config:
    """Return an environment's configuration; what a stack does not say of itself may be set by hand."""
    root = door.root()
    name = bootstrap.stack_of(root, environment)
    return bootstrap.load(root, environment, door.environ() | (standing.values(root, name) if name else {}))


def command(environment: str) -> str:
    """Return what releases to an environment; a stack that stays is released to as production."""
    is_standing = bootstrap.stack_of(door.root(), environment) not in {None, rehearsal.STACK}
    return 'eval "$(invoke stack.env)" && invoke deploy.prod' if is_standing else f"invoke deploy.{environment}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is asked of a release.

    Attributes:
        yes: whether to begin without a question.
        dry_run: whether to stop after the plan.
        during_freeze: why it may begin while nothing is released; empty when it may not.
    """

    yes: bool = False
    dry_run: bool = False
    during_freeze: str = ""


def release(console: Console, on: bootstrap.Stage, wish: Wish) -> End:
    """Plan a release, show it, ask, carry it out."""
    outside = on.world(nobody)
    with console.status(f"looking at {on.config.target.name}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.weigh_freeze(on.config, outside, bootstrap.plan(on.config, outside), wish.during_freeze)
    console.plan(plan)
    if wish.dry_run:
        return _foreseen(console, on, plan, wish)
    if not wish.during_freeze:
        bootstrap.refuse_freeze(on.config, outside)
    _ask(console, plan, wish)
    return watched(console, on, plan)


def resume(console: Console, environment: str) -> End:
    """Bring the newest unfinished release to its end; a rehearsal's stack is brought back to life for it."""
    with _unfinished_stage(console, environment) as on:
        return watched(console, on, bootstrap.unfinished(on.config, on.world(nobody)))


def abort(console: Console, environment: str, reason: str, *, yes: bool, dry_run: bool) -> End:
    """Bring the newest unfinished release back to the version that served before it."""
    with _unfinished_stage(console, environment) as on:
        outside = on.world(nobody)
        plan = bootstrap.unfinished(on.config, outside)
        console.line(turning(plan))
        console.line(plan.way_back)
        undone = bootstrap.to_undo(outside, plan)
        for line in undoing(undone):
            console.line(line)
        if dry_run:
            return ExitCode.RELEASED, {**codec.plan_to_json(plan), "to_undo": list(undone)}
        door.demand_yes(console, f"bring {_before(plan)} back to {environment}?", yes=yes)
        by = f"aborted by {outside.operator}"
        return watched(console, on, plan, turn=f"{by}: {reason.strip()}" if reason.strip() else by)


def undoing(steps: Sequence[str]) -> tuple[str, ...]:
    """Return what is done to take back what these steps have changed, a line for each."""
    if not steps:
        return ("no step has changed anything; nothing is undone",)
    return tuple(f"{number}. {step}: undone, and proven to be as before" for number, step in enumerate(steps, start=1))


def _before(plan: Plan) -> str:
    """Return what was there before a plan, in words."""
    if plan.rotation:
        return f"the old {plan.rotation.name}"
    if plan.restoring:
        return "what was served before"
    return plan.previous_version if plan.kind.moves_code else f"the schema at {plan.start_revision}"


def turning(plan: Plan) -> str:
    """Return what aborting a plan does, in words: a release is taken back, a rollback is undone."""
    if plan.restoring:
        return f"restore {plan.release_id} is undone: what was served before it is served again"
    if plan.rotation:
        return f"rotation {plan.release_id} of {plan.rotation.name} is undone: the old secret stays, the new one goes"
    if not plan.kind.moves_code:
        back = plan.start_revision or "nothing"
        return f"{plan.kind.value} {plan.release_id} is undone: the schema goes to {back}, where it was before"
    if plan.kind is PlanKind.ROLLBACK:
        return f"rollback {plan.release_id} to {plan.target_version} is undone: back to {plan.previous_version}"
    return f"release {plan.release_id} of {plan.target_version} goes back to {plan.previous_version}"


@contextmanager
def _unfinished_stage(console: Console, environment: str) -> Iterator[bootstrap.Stage]:
    """Yield what an unfinished release is gone on with; a rehearsal's stack is brought back to life for it."""
    if bootstrap.stack_of(door.root(), environment) != rehearsal.STACK:
        yield stage(environment)
        return
    with rehearsal.resumed(door.root(), environ=door.environ(), progress=console.line) as on:
        yield on


def _foreseen(console: Console, on: bootstrap.Stage, plan: Plan, wish: Wish) -> End:
    """Show what the migration gate would say; a plan that a gate will refuse is no good plan."""
    with console.status("reading the pending migrations"):
        foreseen = bootstrap.foresee_plan(on.world(nobody), plan)
    findings = [finding for each in foreseen for finding in each.findings]
    for finding in findings:
        console.line(f"{finding.severity.value:<8} {finding.rule}: {finding.message}")
    blocking = [each for each in (*plan.findings, *findings) if each.severity is Severity.BLOCK]
    frozen = "" if wish.during_freeze else bootstrap.frozen(on.config, on.world(nobody))
    go_on = f"next: {command(plan.environment)}"
    go_on = f"frozen: a release would be refused now: {frozen}; after that, {go_on}" if frozen else go_on
    console.line(_no_go(blocking, plan.environment) if blocking else go_on)
    said: dict[str, Any] = {**codec.plan_to_json(plan), "migrations": [dict(asdict(each)) for each in foreseen]}
    said["frozen"] = frozen
    return (ExitCode.NO_GO if blocking else ExitCode.RELEASED), said


def _no_go(blocking: Sequence[Finding], environment: str) -> str:
    """Return that it does not go, and what to do next: what only a trial can know is asked of one."""
    if any(each.rule not in trying.CLEARABLE for each in blocking):
        return "no-go: see what blocks above"
    return (
        "no-go by the text alone: how long it locks depends on how big these tables are, and the release tries that "
        f"before it migrates; next: invoke migrate.rehearse --env {environment}"
    )


def watched(console: Console, on: bootstrap.Stage, plan: Plan, *, turn: str = "") -> End:
    """Carry a release out under a live timeline, and tell how it ended."""

    def count() -> tuple[int, int]:
        requests = on.traffic.requests()
        return len(requests), sum(each.failed for each in requests)

    past = on.world(nobody).ledger.read(plan.release_id)
    with console.timeline(plan, past=past, requests=count if on.has_traffic else None) as observer:
        report = bootstrap.carry_out(on.config, on.world(observer.entry), plan, turn=turn)
    page = bootstrap.page(on.config, report.release_id)
    console.verdict(report, page)
    return report.exit_code, bootstrap.document(report, page)


def _ask(console: Console, plan: Plan, wish: Wish) -> None:
    """Ask before anything changes.

    Raises:
        UsageError: nobody can be asked, or somebody said no.
    """
    back = f" (way back: {plan.forecast.verdict.value})" if plan.forecast else ""
    if wish.yes or console.confirm(f"release {plan.target_version} to {plan.environment}?{back}"):
        return
    during = f" --during-freeze {shlex.quote(wish.during_freeze)}" if wish.during_freeze else ""
    message = f"{plan.environment} was not released to: nobody said yes"
    raise UsageError("not-confirmed", message, hint=f"{command(plan.environment)}{during} --yes")


def nobody(entry: Entry) -> None:
    """Watch nothing."""
    del entry
