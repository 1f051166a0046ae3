"""migrate.*: what the migrations of this commit would do to an environment."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod, where there is one)"
_JSON = "print one JSON object on standard output; people read standard error"


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
        from gonogo.tasks import linting

        wish = linting.Wish(environment=env, revision=revision, is_pending=pending, is_all=all, with_models=models)
        door.leave(linting.lint(console, wish))
