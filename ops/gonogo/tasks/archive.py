"""What the ledger says of releases, shown; nothing is contacted."""

from gonogo import bootstrap, trying
from gonogo.errors import UsageError
from gonogo.model import Plan, StepReport, StepStatus, WayBack, version_of
from gonogo.tasks import door, locking
from gonogo.tasks.console import Console


def show(console: Console, environment: str, release_id: str) -> None:
    """Show one release.

    Raises:
        UsageError: there is none.
    """
    archive = bootstrap.archive(door.root())
    report = archive.report(release_id or _newest(archive, environment))
    page = archive.write(report)
    console.line(
        f"{report.kind.value} {report.release_id} on {report.environment}, {report.started_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    lock = bootstrap.locked(door.root(), report.environment)
    is_left = report.ended_at is None and lock is None
    console.table(("step", "status", "seconds"), [_row(step, is_left=is_left) for step in report.steps])
    console.verdict(report, page)
    console.line(lock.said if lock else f"nobody holds the lock of {report.environment}")
    if is_left:
        console.line(f"it was stopped; to go on: invoke deploy.resume --env {report.environment}")
        console.line(f"to go back instead: invoke deploy.abort --env {report.environment}")
    console.document({**bootstrap.document(report, page), "lock": locking.document(lock) if lock else None})


def list_releases(console: Console, environment: str) -> None:
    """List an environment's releases and rollbacks, newest first, each with what going back costs, or did."""
    bootstrap.stack_of(door.root(), environment)
    states = bootstrap.archive(door.root()).releases(environment)
    rows = [
        (
            state.plan.release_id,
            state.plan.kind.value,
            f"{state.started_at:%Y-%m-%d %H:%M:%S}",
            *_ends(state.plan),
            state.verdict.value,
            version_of(state.ending.get("serving_commit")) if state.is_ended else "",
            state.plan.forecast.verdict.value if state.plan.forecast else WayBack.UNKNOWN.value,
            trying.beside_in_all(state.compared),
        )
        for state in states
    ]
    ends = ("verdict", "serving at the end", "way back", "migrations")
    headers = ("release", "kind", "started (UTC)", "from", "to", *ends)
    if rows:
        console.table(headers, rows)
    else:
        console.line(f"the ledger has no release to {environment}")
    console.document(
        {
            "releases": [
                {**dict(zip(headers, row, strict=True)), "predictions": trying.compared_to_json(state.compared)}
                for row, state in zip(rows, states, strict=True)
            ]
        }
    )


def _ends(plan: Plan) -> tuple[str, str]:
    """Return where a plan starts and where it goes to: versions, or revisions where the schema moves alone."""
    start, end = plan.ends
    return (
        (start, end)
        if plan.kind.moves_code or plan.rotation or plan.restoring
        else (f"schema {start}", f"schema {end}")
    )


def _row(step: StepReport, *, is_left: bool) -> tuple[str, str, str]:
    """Return a step's row; in a release that nobody is at any more, no step runs."""
    is_stopped = is_left and step.status in {StepStatus.RUNNING, StepStatus.REVERTING}
    status = "stopped" if is_stopped else step.status.value
    return step.name, status, "" if step.seconds is None else f"{step.seconds:.1f}"


def _newest(archive: bootstrap.Archive, environment: str) -> str:
    """Return the id of an environment's newest release."""
    bootstrap.stack_of(door.root(), environment)
    for state in archive.releases(environment)[:1]:
        return state.plan.release_id
    message = f"the ledger has no release to {environment}"
    raise UsageError("no-release", message, hint=f"invoke deploy.plan --env {environment}")
