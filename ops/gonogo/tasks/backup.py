"""backup.*: dumps of an environment's database."""

from dataclasses import asdict
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door
from gonogo.tasks.physical import recover, wal

__all__ = ("recover", "run", "verify", "wal")

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_NAME = "the backup, by its folder's name (default: the newest)"
_RESTORE = "also restore it into a scratch database and compare everything"


@task(help={"env": _ENV, "json": _JSON})
def run(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Back the database up: a dump, and a manifest of it."""
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
        console.line(f"next: invoke backup.verify --name {backup.name} --restore --env {env}")
        console.document(_document(backup))


@task(help={"env": _ENV, "name": _NAME, "restore": _RESTORE, "json": _JSON})
def verify(
    c: Context,
    env: str = "prod",
    name: str = "",
    restore: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Say all that is wrong with a backup; without a server."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        config = releasing.config(env)
        check = bootstrap.check_physical if bootstrap.is_physical(config, name) else bootstrap.check_backup
        with console.status(f"reading a backup of {env}{' and restoring it' if restore else ''}"):
            found, problems = check(config, name, restore=restore)
        for problem in problems:
            console.line(f"{found}: {problem}")
        how = "restored to what was dumped" if restore else "every file is what was written, and can be read to its end"
        console.line(f"{found}: not to be relied on; invoke backup.run --env {env}" if problems else f"{found}: {how}")
        console.document({"backup": found, "good": not problems, "restored": restore, "problems": list(problems)})
        door.leave(1 if problems else 0)


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
