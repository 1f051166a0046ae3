"""One release from a task's point of view: plan, show, ask, carry out, tell. prod, staging and rehearse share it."""

from dataclasses import asdict
from typing import Any

from gonogo import bootstrap, codec
from gonogo.errors import ExitCode, UsageError
from gonogo.local import rehearsal, standing
from gonogo.model import JSON, Config, Entry, Plan, Severity
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
    return bootstrap.Stage(config=config(environment))


def config(environment: str) -> Config:
    """Return an environment's configuration."""
    root = door.root()
    name = bootstrap.stack_of(root, environment)
    return bootstrap.load(root, environment, standing.values(root, name) if name else door.environ())


def command(environment: str) -> str:
    """Return what releases to an environment; a stack that stays is released to as production."""
    is_standing = bootstrap.stack_of(door.root(), environment) not in {None, rehearsal.STACK}
    return 'eval "$(invoke stack.env)" && invoke deploy.prod' if is_standing else f"invoke deploy.{environment}"


def release(console: Console, on: bootstrap.Stage, *, yes: bool, dry_run: bool) -> End:
    """Plan a release, show it, ask, carry it out."""
    outside = on.world(nobody)
    with console.status(f"looking at {on.config.target.name}"):
        bootstrap.refuse_unfinished(on.config, outside)
        plan = bootstrap.plan(on.config, outside)
    console.plan(plan)
    if dry_run:
        return _foreseen(console, on, plan)
    _ask(console, plan, yes=yes)
    return watched(console, on, plan)


def resume(console: Console, environment: str) -> End:
    """Bring the newest unfinished release to its end; a rehearsal's stack is brought back to life for it."""
    if bootstrap.stack_of(door.root(), environment) != rehearsal.STACK:
        return _resume(console, stage(environment))
    with rehearsal.resumed(door.root(), environ=door.environ(), progress=console.line) as on:
        return _resume(console, on)


def _resume(console: Console, on: bootstrap.Stage) -> End:
    """Go on where the journal stops."""
    plan = bootstrap.unfinished(on.config, on.world(nobody))
    return watched(console, on, plan)


def _foreseen(console: Console, on: bootstrap.Stage, plan: Plan) -> End:
    """Show what the migration gate would say; a plan that a gate will refuse is no good plan."""
    with console.status("reading the pending migrations"):
        foreseen = bootstrap.foresee_plan(on.world(nobody), plan)
    findings = [finding for each in foreseen for finding in each.findings]
    for finding in findings:
        console.line(f"{finding.severity.value:<8} {finding.rule}: {finding.message}")
    is_blocked = any(finding.severity is Severity.BLOCK for finding in (*plan.findings, *findings))
    console.line("no-go: see what blocks above" if is_blocked else f"next: {command(plan.environment)}")
    said: dict[str, Any] = {**codec.plan_to_json(plan), "migrations": [dict(asdict(each)) for each in foreseen]}
    return (ExitCode.NO_GO if is_blocked else ExitCode.RELEASED), said


def watched(console: Console, on: bootstrap.Stage, plan: Plan) -> End:
    """Carry a release out under a live timeline, and tell how it ended."""

    def count() -> tuple[int, int]:
        requests = on.traffic.requests()
        return len(requests), sum(each.failed for each in requests)

    past = on.world(nobody).ledger.read(plan.release_id)
    with console.timeline(plan, past=past, requests=count if on.has_traffic else None) as observer:
        report = bootstrap.carry_out(on.config, on.world(observer.entry), plan)
    page = bootstrap.page(on.config, report.release_id)
    console.verdict(report, page)
    return report.exit_code, bootstrap.document(report, page)


def _ask(console: Console, plan: Plan, *, yes: bool) -> None:
    """Ask before anything changes.

    Raises:
        UsageError: nobody can be asked, or somebody said no.
    """
    back = f" (way back: {plan.forecast.verdict.value})" if plan.forecast else ""
    if yes or console.confirm(f"release {plan.target_version} to {plan.environment}?{back}"):
        return
    message = f"{plan.environment} was not released to: nobody said yes"
    raise UsageError("not-confirmed", message, hint=f"{command(plan.environment)} --yes")


def nobody(entry: Entry) -> None:
    """Watch nothing."""
    del entry
