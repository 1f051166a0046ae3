"""backup.*: what is kept of an environment's backups, here and at another place."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door, physical

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_NAME = "the backup, by its folder's name (default: the newest)"
_INTO = "the folder to write to (default: where backups of the environment are kept)"
_YES = "do not ask; required where there is no terminal"
_DRY = "say what would go and why, change nothing"
_METRICS = "print them in Prometheus' text format, and nothing else"
_COOLIFY = "print a scheduled task of Coolify's instead of a crontab"
_AT = "HH:MM in UTC (default: at night, by the project's name)"
_PING = "a URL that is called after each backup that was taken, copied and read to its end"


@task(help={"env": _ENV, "name": _NAME, "json": _JSON})
def push(c: Context, env: str = "prod", name: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Copy a backup, encrypted, to the other place."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"copying a backup of {env}"):
            copy = bootstrap.push_backup(releasing.config(env), name)
        console.line(f"{copy.name}  {copy.size_bytes:,} bytes at the other place, whole  {copy.key}")
        console.document(copy_document(copy))


@task(help={"env": _ENV, "name": _NAME, "into": _INTO, "json": _JSON})
def fetch(
    c: Context,
    env: str = "prod",
    name: str = "",
    into: str = "",
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Fetch a copy and decrypt it; where its key is kept."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"fetching a copy of {env}"):
            folder = bootstrap.fetch_backup(releasing.config(env), name, Path(into) if into else None)
        console.line(f"{folder}  every file is what its manifest says")
        check = f"invoke backup.verify --name {folder.name} --restore --env {env}"
        console.line(f"next: move it to where backups are kept, and {check}" if into else f"next: {check}")
        console.document({"name": folder.name, "folder": str(folder)})


@task(name="list", help={"env": _ENV, "json": _JSON})
def list_(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """List all backups, here and at the other place."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap, stock
        from gonogo.tasks import releasing

        config = releasing.config(env)
        with console.status(f"looking at the backups of {env}"):
            shown = bootstrap.show_backups(config)
        now = bootstrap.clock().now()
        console.table(
            ("name", "taken at", "age", "bytes", "schema", "where", "proven", "state"),
            [_row(each, stock.age_h(each, now)) for each in shown.kept],
        )
        physical.tell_all(console, shown.physical, now)
        console.document(
            {
                "backups": [_document(each) for each in shown.kept],
                "physical": physical.documents(shown.physical),
                "problems": list(shown.problems),
            }
        )
        if shown.away:
            console.error(shown.away)
            door.leave(shown.away.exit_code)


@task(help={"env": _ENV, "metrics": _METRICS, "json": _JSON})
def status(
    c: Context,
    env: str = "prod",
    metrics: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Say whether backups are well; for cron and monitors."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        shown = bootstrap.show_backups(releasing.config(env))
        if metrics:
            console.line(shown.metrics.rstrip())
        else:
            for problem in shown.problems:
                console.line(f"{env}: {problem}")
            physical.tell_newest(console, shown.physical, bootstrap.clock().now())
            if not shown.problems:
                newest = f"; the newest dump is {shown.kept[0].name}, {shown.kept[0].where}" if shown.kept else ""
                console.line(f"{env}: backups are well{newest}")
        console.document(
            {
                "well": not shown.problems,
                "problems": list(shown.problems),
                "physical": physical.documents(shown.physical),
                "metrics": shown.metrics,
            }
        )
        door.leave(1 if shown.problems else 0)


@task(help={"env": _ENV, "yes": _YES, "dry-run": _DRY, "json": _JSON})
def prune(
    c: Context,
    env: str = "prod",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Remove backups that nothing asks for any more."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        config = releasing.config(env)
        with console.status(f"looking at the backups of {env}"):
            decided = bootstrap.to_prune(config)
        for each in decided:
            word = "keep" if each.judged.is_kept else "remove"
            console.line(f"{word:6}  {each.where:7}  {each.judged.name}  {'; '.join(each.judged.reasons)}")
        going = [each for each in decided if not each.judged.is_kept]
        done: tuple[Any, ...] = ()
        if going and not dry_run:
            door.demand_yes(console, f"Remove {len(going)} of {len(decided)}?", yes=yes)
            done = bootstrap.prune_backups(config, decided, lambda each: console.line(_told(each)))
        failed = [each for each in done if each.problem]
        console.line(f"{len(going)} to remove" if dry_run else f"{len(done) - len(failed)} removed")
        if count := bootstrap.count_physical(config):
            console.line(f"{count} physical backups are left alone: no rule is for them; docs/backups.md")
        console.document({"dry_run": dry_run, "backups": [_judged(each, done) for each in decided]})
        door.leave(1 if failed else 0)


@task(help={"env": _ENV, "coolify": _COOLIFY, "at": _AT, "ping": _PING, "json": _JSON})
def schedule(  # noqa: PLR0917  # Invoke's flags are parameters
    c: Context,
    env: str = "prod",
    coolify: bool = False,  # noqa: FBT001, FBT002
    at: str = "",
    ping: str = "",
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Print what takes backups by itself, for cron or Coolify."""
    del c
    with door.opened(json=json) as console:
        from json import dumps

        from gonogo import bootstrap, scheduling
        from gonogo.tasks import releasing

        wish = bootstrap.schedule_wish(releasing.config(env), at=at, ping=ping)
        if coolify:
            body = dict(scheduling.coolify(wish))
            console.line(dumps(body, indent=2))
            console.document({"task": body})
        else:
            text = scheduling.cron(wish)
            console.line(text.rstrip())
            console.document({"crontab": text})


def copy_document(copy: Any) -> dict[str, Any]:  # a Copy: our records are imported late
    """Return a copy as JSON."""
    return {**asdict(copy), "taken_at": copy.taken_at.isoformat()}


def _row(kept: Any, age_h: float) -> tuple[str, ...]:  # a Kept, as above
    """Return a backup as a row."""
    return (
        kept.name,
        f"{kept.taken_at:%F %T}" if kept.taken_at else "",
        f"{age_h:.1f} h" if kept.taken_at else "",
        f"{kept.size_bytes:,}",
        kept.schema_revision or "",
        kept.where,
        f"{kept.proven_at:%F}" if kept.proven_at else "",
        kept.problem or "whole",
    )


def _document(kept: Any) -> dict[str, Any]:  # a Kept, as above
    """Return a backup as JSON."""
    return {
        "name": kept.name,
        "taken_at": kept.taken_at and kept.taken_at.isoformat(),
        "size_bytes": kept.size_bytes,
        "schema_revision": kept.schema_revision,
        "where": kept.where,
        "proven_at": kept.proven_at and kept.proven_at.isoformat(),
        "problem": kept.problem,
        "copy": kept.copy and copy_document(kept.copy),
    }


def _told(pruned: Any) -> str:  # a Pruned, as above
    """Return what became of a backup that was to go."""
    said = f"not removed: {pruned.problem}" if pruned.problem else "removed"
    return f"{said:7}  {pruned.where:7}  {pruned.judged.name}"


def _judged(pruned: Any, done: tuple[Any, ...]) -> dict[str, Any]:  # a Pruned, as above
    """Return what was decided of a backup, and what became of it."""
    after = next((each for each in done if (each.judged, each.where) == (pruned.judged, pruned.where)), None)
    return {
        "name": pruned.judged.name,
        "where": pruned.where,
        "keep": pruned.judged.is_kept,
        "reasons": list(pruned.judged.reasons),
        "removed": bool(after and not after.problem),
        "problem": after.problem if after else "",
    }
