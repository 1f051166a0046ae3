"""restore.*: data brought back into a new database, and which database is served."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_CONFIRM = "the name of the database at stake, typed out, where nobody can be asked"
_DRY = "show the plan and do not ask; the default where nobody can be asked"
_WITHOUT = "why no dump is taken of what is served now; it is written into the journal"
_KEEP = "why the schema stays as it was backed up, although the service may need another one"


@task(
    help={
        "env": _ENV,
        "into": "the new database; never one that is there",
        "name": "the backup on this machine, by its folder's name",
        "offsite": "the newest copy of the other place instead",
        "switch": "serve it afterwards; what is served now is kept under another name",
        "without-backup": _WITHOUT,
        "keep-schema": _KEEP,
        "confirm": _CONFIRM,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def run(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    into: str,
    env: str = "prod",
    name: str = "",
    offsite: bool = False,  # noqa: FBT001, FBT002
    switch: bool = False,  # noqa: FBT001, FBT002
    without_backup: str = "",
    keep_schema: str = "",
    confirm: str = "",
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Restore a backup into a new database. Dry run by default."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import restoring

        wanted = bootstrap.Wanted(
            into=into,
            name=name,
            offsite=offsite,
            switch=switch,
            without_backup=without_backup.strip(),
            keep_schema=keep_schema.strip(),
        )
        door.leave(restoring.restore(console, env, wanted, confirm=confirm, dry_run=dry_run))


@task(
    help={
        "env": _ENV,
        "into": "the database that is to be served: restored, or served before a switch",
        "without-backup": _WITHOUT,
        "keep-schema": _KEEP,
        "confirm": _CONFIRM,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def switch(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    into: str,
    env: str = "prod",
    without_backup: str = "",
    keep_schema: str = "",
    confirm: str = "",
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Serve a restored database, or the one before it again."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import restoring

        wanted = bootstrap.Wanted(
            into=into,
            switch=True,
            is_alone=True,
            without_backup=without_backup.strip(),
            keep_schema=keep_schema.strip(),
        )
        door.leave(restoring.restore(console, env, wanted, confirm=confirm, dry_run=dry_run))
