"""contracts.*: what callers of the service may rely on, as files."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door


@task(help={"check": "write nothing; fail if a file is not as the code is", "json": "print one JSON object"})
def write(c: Context, check: bool = False, json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Write the public contracts from the code."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap

        said = bootstrap.write_contracts(bootstrap.project(door.root()), check=check)
        console.line(said)
        console.document({"said": said})
