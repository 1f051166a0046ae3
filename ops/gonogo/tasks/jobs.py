"""jobs.*: the service's job queue, looked at and put right by its operator."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_ID = "the job's id"
_YES = "do not ask; required where there is no terminal"
_DRY = "say what would be done, change nothing"
# No message is sent from here.
_NEXT = {"retry": "; a worker finds it at its next poll (WORKER_POLL_SECONDS, 1 s by default)", "cancel": ""}


@task(help={"env": _ENV, "json": _JSON})
def status(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show how deep the queue is, and whether it keeps up."""
    del c
    with door.opened(json=json) as console:
        from gonogo import backlog, bootstrap
        from gonogo.report import words
        from gonogo.tasks import releasing

        config = releasing.config(env)
        seen = backlog.judge(bootstrap.jobs(config).facts(), config.target.limits)
        ages = ["" if each.oldest_s is None else words.seconds(each.oldest_s) for each in seen.facts.rows]
        rows = [(row.kind, row.state, f"{row.count:,}", age) for row, age in zip(seen.facts.rows, ages, strict=True)]
        console.table(("kind", "state", "jobs", "oldest"), rows)
        console.line(f"given up: {seen.facts.failed} of the last {seen.facts.ended} that ended within the hour")
        for problem in seen.problems:
            console.line(f"over the limit: {problem}")
        for stranded in seen.stranded:
            console.line(f"waits for a newer worker: {stranded}")
        console.document(dict(asdict(seen)))
        door.leave(1 if seen.problems or seen.stranded else 0)


@task(help={"env": _ENV, "json": _JSON, "id": _ID})
def show(c: Context, id: str, env: str = "prod", json: bool = False) -> None:  # noqa: A002, FBT001, FBT002
    """Show a job with its log."""
    del c
    with door.opened(json=json) as console:
        from gonogo import backlog, bootstrap
        from gonogo.tasks import releasing

        job = backlog.find(bootstrap.jobs(releasing.config(env)), id)
        console.line(f"{job.id}  {job.kind}  {job.status}, attempt {job.attempts} of {job.max_attempts}")
        if job.error:
            console.line(f"error: {job.error}")
        rows = [(f"{each.at:%F %T}", str(each.attempt), each.event, each.worker_id, each.detail) for each in job.log]
        console.table(("at", "attempt", "event", "worker", "detail"), rows)
        console.document(_document(job))


@task(help={"env": _ENV, "json": _JSON, "limit": "how many at most"})
def dead(c: Context, env: str = "prod", limit: int = 50, json: bool = False) -> None:  # noqa: FBT001, FBT002
    """List the jobs that were given up, newest first."""
    del c
    with door.opened(json=json) as console:
        from gonogo import backlog, bootstrap
        from gonogo.tasks import releasing

        jobs = backlog.dead(bootstrap.jobs(releasing.config(env)), limit)
        rows = [(each.id, each.kind, str(each.attempts), _moment(each.finished_at), each.error) for each in jobs]
        console.table(("id", "kind", "attempts", "given up at", "error"), rows)
        console.document({"jobs": [_document(each) for each in jobs]})


@task(help={"env": _ENV, "json": _JSON, "id": _ID, "yes": _YES, "dry-run": _DRY})
def retry(  # noqa: PLR0917  # Invoke's flags are parameters
    c: Context,
    id: str,  # noqa: A002
    env: str = "prod",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Queue a dead job again."""
    del c
    _change("retry", id, env, yes=yes, dry_run=dry_run, json=json)


@task(help={"env": _ENV, "json": _JSON, "id": _ID, "yes": _YES, "dry-run": _DRY})
def cancel(  # noqa: PLR0917  # as above
    c: Context,
    id: str,  # noqa: A002
    env: str = "prod",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Cancel a job that is not over."""
    del c
    _change("cancel", id, env, yes=yes, dry_run=dry_run, json=json)


@task(help={"env": _ENV, "json": _JSON})
def canary(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Send one harmless job all the way, and time it."""
    del c
    with door.opened(json=json) as console:
        from gonogo import backlog, bootstrap
        from gonogo.model import version_of
        from gonogo.tasks import releasing

        config = releasing.config(env)
        outside = bootstrap.observed(config)
        with console.status(f"waiting for the canary of {env}"):
            job, seconds = backlog.canary(outside.service, outside.clock, config.target.limits)
        console.line(f"{job.id} {job.status} by {version_of(job.commit)} after {seconds:.2f} s")
        console.document({**asdict(job), "seconds": seconds})
        door.leave(0 if job.status == "done" else 1)


def _change(verb: str, job_id: str, env: str, *, yes: bool, dry_run: bool, json: bool) -> None:
    """Change one job: show it, ask, do it, say what it is now."""
    with door.opened(json=json) as console:
        from gonogo import backlog, bootstrap
        from gonogo.tasks import releasing

        queue = bootstrap.jobs(releasing.config(env))
        job = backlog.find(queue, job_id)
        console.line(f"{job.id}  {job.kind}  {job.status}, attempt {job.attempts} of {job.max_attempts}")
        if not dry_run:
            door.demand_yes(console, f"{verb} it?", yes=yes)
            job = {"retry": backlog.retry, "cancel": backlog.cancel}[verb](queue, job_id)
            console.line(f"now {job.status}{_NEXT[verb]}")
        console.document({**_document(job), "dry_run": dry_run})


def _moment(at: datetime | None) -> str:
    """Return a time for people; a row that was changed by hand may have none."""
    return f"{at:%F %T}" if at else "unknown"


def _document(job: Any) -> dict[str, Any]:  # a QueuedJob: our records are imported late
    """Return a job as JSON."""
    return {name: _plain(value) for name, value in asdict(job).items()}


def _plain(value: Any) -> Any:  # JSON's values
    """Return times as text, whatever they are in."""
    if isinstance(value, (list, tuple)):
        return [{name: _plain(each) for name, each in row.items()} for row in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
