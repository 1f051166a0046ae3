"""compat.*: whether the release that runs now lives on this tree's schema."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door


@task(
    help={
        "against": "the release that runs now, as a git revision (default: what the ledger says)",
        "env": "the environment whose ledger says it (default: prod)",
        "json": "print one JSON object",
    }
)
def check(c: Context, against: str = "", env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Run the release before on this tree's schema (N-1)."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import comparing
        from gonogo.tasks import surviving

        found = comparing.compare(
            door.root(), against=against, environment=env, environ=door.environ(), progress=console.line
        )
        door.leave(surviving.show(console, found))
