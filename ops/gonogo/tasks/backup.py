"""backup.*: dumps of an environment's database."""

from dataclasses import asdict
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.errors import UsageError
from gonogo.tasks import door
from gonogo.tasks.keeping import copy_document, fetch, list_, prune, push, schedule, status
from gonogo.tasks.physical import recover, wal

__all__ = ("drill", "fetch", "list_", "prune", "push", "recover", "run", "schedule", "status", "verify", "wal")

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_NAME = "the backup, by its folder's name (default: the newest)"
_LOCAL = "use the backup on this machine although there is another place"
_PUSH = "leave it at that: no copy to the other place"
_OFFSITE = "the copy at the other place instead: each part of it is read; no key is needed"
_RESTORE = "also restore it into a scratch database and compare everything"


@task(help={"env": _ENV, "here-only": _PUSH, "json": _JSON})
def run(
    c: Context,
    env: str = "prod",
    here_only: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Back the database up, and copy that to the other place."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import physical, releasing

        config = releasing.config(env)
        if physical.is_meant(config):
            physical.run(console, config)
            return
        with console.status(f"backing up {env}"):
            backup = bootstrap.back_up(config)
        rows = f"{sum(backup.row_counts.values()):,} rows in {len(backup.row_counts)} tables"
        console.line(f"{backup.dump}  {backup.size_bytes:,} bytes  schema {backup.schema_revision}  {rows}")
        copy = None
        if config.target.backups.offsite and not here_only:
            with console.status("copying it to the other place"):
                copy = bootstrap.push_taken(config, backup.name)
            console.line(f"{copy.size_bytes:,} bytes at the other place, whole  {copy.key}")
        console.line(f"next: invoke backup.verify --name {backup.name} --restore --env {env}")
        console.document({**_document(backup), "copy": copy and copy_document(copy)})


@task(help={"env": _ENV, "name": _NAME, "restore": _RESTORE, "offsite": _OFFSITE, "json": _JSON})
def verify(  # noqa: PLR0917  # Invoke's flags are parameters
    c: Context,
    env: str = "prod",
    name: str = "",
    restore: bool = False,  # noqa: FBT001, FBT002
    offsite: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Say all that is wrong with a backup; without a server."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        if offsite and restore:
            hint = f"invoke backup.fetch --env {env}, then invoke backup.verify --restore --env {env}"
            raise UsageError("two-places", "a copy is restored where it was fetched to", hint=hint)
        config = releasing.config(env)
        check = bootstrap.check_physical if bootstrap.is_physical(config, name) else bootstrap.check_backup
        with console.status(f"reading a backup of {env}{' and restoring it' if restore else ''}"):
            found, problems = bootstrap.check_copy(config, name) if offsite else check(config, name, restore=restore)
        for problem in problems:
            console.line(f"{found}: {problem}")
        how = "every file is what was written, and can be read to its end"
        if restore or offsite:
            how = "restored to what was dumped" if restore else "every part at the other place is what was sent"
        console.line(f"{found}: not to be relied on; invoke backup.run --env {env}" if problems else f"{found}: {how}")
        console.document({"backup": found, "good": not problems, "restored": restore, "problems": list(problems)})
        door.leave(1 if problems else 0)


@task(help={"env": _ENV, "name": _NAME, "local": _LOCAL, "json": _JSON})
def drill(
    c: Context,
    env: str = "prod",
    name: str = "",
    local: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Restore a backup and use it, as if all else were lost."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import drilling

        door.leave(drilling.drill(console, env, name=name, local=local))


def _document(backup: Any) -> dict[str, Any]:  # a Backup: our records are imported late
    """Return a backup as JSON."""
    said = {name: asdict(backup)[name] for name in ("sha256", "size_bytes", "server_version", "schema_revision")}
    return {
        "name": backup.name,
        "dump": str(backup.dump),
        "manifest": str(backup.manifest),
        **said,
        "row_counts": dict(backup.row_counts),
    }
