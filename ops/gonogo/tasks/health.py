"""health.*: whether an environment works, by what it says itself."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door


@task(help={"env": "the environment, by its name in gonogo.toml (default: prod)", "json": "print one JSON object"})
def check(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Ask API, workers, database, Coolify how they are."""
    del c
    with door.opened(json=json) as console:
        from dataclasses import asdict

        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"asking {env}"):
            vitals = bootstrap.examine(releasing.config(env))
        rows = [(each.part, "yes" if each.is_well else "no", each.says) for each in vitals]
        console.table(("part", "well", "says"), rows)
        console.document({"vitals": [dict(asdict(each)) for each in vitals]})
        door.leave(0 if all(each.is_well for each in vitals) else 1)
