"""migrate.*: what migrations would do, how the schema stands, and the schema moved without a release."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod, where there is one)"
_JSON = "print one JSON object on standard output; people read standard error"
_YES = "do not ask; required where there is no terminal"
_DRY = "show the plan and stop; nothing is changed"


@task(
    help={
        "env": _ENV,
        "from": "tell of everything after this revision",
        "all": "tell of every revision, those that were applied too",
        "sql": "show all of the SQL; else its first lines",
        "json": _JSON,
    }
)
def plan(  # noqa: PLR0917  # one argument per flag
    c: Context,
    env: str = "",
    from_: str = "",
    all: bool = False,  # noqa: A002, FBT001, FBT002
    sql: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Show pending migrations and SQL. Changes nothing."""
    del c
    with door.opened(json=json) as console:
        door.keep_bytecode()
        from gonogo.tasks import foreseeing

        wish = foreseeing.Wish(environment=env, start=from_, is_all=all, with_sql=sql)
        foreseeing.plan(console, wish)


@task(
    help={
        "env": _ENV,
        "backup": "the name of a backup (default: the newest one)",
        "from": "begin with an empty database at this revision, `base` for none",
        "newest": "of a history that was applied nowhere, so many revisions (default: 10)",
        "json": _JSON,
    }
)
def rehearse(  # noqa: PLR0917  # one argument per flag
    c: Context,
    env: str = "",
    backup: str = "",
    from_: str = "",
    newest: int = 10,
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Try pending migrations on a copy of the data."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import rehearsing

        wish = rehearsing.Wish(environment=env, backup=backup, start=from_, newest=newest)
        door.leave(rehearsing.rehearse(console, wish))


@task(
    help={
        "env": "the environment whose database says what is applied (default: none)",
        "revision": "look at this one revision",
        "pending": "look at what the environment's database lacks; needs --env",
        "all": "look at every revision, those that were applied too",
        "models": "compare the models with the migrated schema, too",
        "json": "print one JSON object",
    }
)
def lint(  # noqa: PLR0913, PLR0917
    c: Context,
    env: str = "",
    revision: str = "",
    pending: bool = False,  # noqa: FBT001, FBT002
    all: bool = False,  # noqa: A002, FBT001, FBT002
    models: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Find what would hurt in migrations. Changes nothing."""
    del c
    with door.opened(json=json) as console:
        door.keep_bytecode()
        from gonogo.tasks import linting

        wish = linting.Wish(environment=env, revision=revision, is_pending=pending, is_all=all, with_models=models)
        door.leave(linting.lint(console, wish))


@task(help={"env": _ENV, "json": _JSON})
def status(c: Context, env: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show how the schema stands. Exit 3: migrations wait."""
    del c
    with door.opened(json=json) as console:
        door.keep_bytecode()
        from gonogo.tasks import moving

        door.leave(moving.status(console, env))


@task(
    help={
        "env": "the environment, by its name in gonogo.toml (default: prod)",
        "to": "the revision to go up to (default: the newest)",
        "without-backup": "take none; a proven one of this schema, an hour old at most, stands for it",
        "during-freeze": "although a freeze window of gonogo.toml holds; the reason is written into the journal",
        "yes": _YES,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def apply(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    env: str = "prod",
    to: str = "",
    without_backup: bool = False,  # noqa: FBT001, FBT002
    during_freeze: str = "",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Bring the schema up without a release."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import moving, releasing

        wish = moving.Wish(
            environment=env,
            to=to,
            with_backup=not without_backup,
            during_freeze=during_freeze.strip(),
            yes=yes,
            dry_run=dry_run,
        )
        code, said = moving.apply(console, releasing.stage(env), wish)
        console.document(said)
        door.leave(code)


@task(
    help={
        "env": "the environment, by its name in gonogo.toml (default: prod)",
        "to": "the revision to go back to",
        "accept-loss": "go back although values are lost; the plan counts them",
        "yes": _YES,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def rollback(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    env: str = "prod",
    to: str = "",
    accept_loss: bool = False,  # noqa: FBT001, FBT002
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Take the schema back, or say why not."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import moving, releasing

        wish = moving.Wish(environment=env, to=to, accept_loss=accept_loss, yes=yes, dry_run=dry_run)
        code, said = moving.take_back(console, releasing.stage(env), wish)
        console.document(said)
        door.leave(code)


@task(
    help={
        "title": "what it does, in words",
        "kind": "expand, contract or data (default: expand)",
        "dry-run": "show the file; nothing is written",
        "json": _JSON,
    }
)
def new(
    c: Context,
    title: str,
    kind: str = "expand",
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Write the next revision's file, to be filled in."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import drafting

        drafting.new(console, title, kind, dry_run=dry_run)
