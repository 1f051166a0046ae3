"""migrate.*: what the migrations of this commit would do to an environment."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door


@task(help={"env": "the environment, by its name in gonogo.toml (default: prod)", "json": "print one JSON object"})
def plan(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show pending migrations and SQL. Changes nothing."""
    del c
    with door.opened(json=json) as console:
        from dataclasses import asdict

        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"reading the migrations for {env}"):
            foreseen = bootstrap.foresee(releasing.config(env))
        for each in foreseen:
            way_back = "reversible" if each.revision.reversible else "not reversible"
            console.line(f"{each.revision.id}  {each.revision.kind}, {way_back}  {each.revision.title}")
            for finding in each.findings:
                console.line(f"  {finding.severity.value}  {finding.rule}: {finding.message}")
            console.line(each.sql)
        console.line(f"{len(foreseen)} pending")
        console.document({"pending": [dict(asdict(each)) for each in foreseen]})


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
