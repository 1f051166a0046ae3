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
