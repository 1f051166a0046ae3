"""backup.*: dumps of an environment's database."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door


@task(help={"env": "the environment, by its name in gonogo.toml (default: prod)", "json": "print one JSON object"})
def run(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Dump the database and prove that the dump restores."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"backing up {env}"):
            backup = bootstrap.back_up(releasing.config(env))
        rows = f"{sum(backup.row_counts.values())} rows in {len(backup.row_counts)} tables, restored and compared"
        console.line(f"{backup.dump}  {backup.size_bytes} bytes  schema {backup.schema_revision}  {rows}")
        console.document(
            {
                "dump": str(backup.dump),
                "manifest": str(backup.manifest),
                "sha256": backup.sha256,
                "size_bytes": backup.size_bytes,
                "schema_revision": backup.schema_revision,
                "row_counts": dict(backup.row_counts),
            }
        )
