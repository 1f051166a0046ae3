"""stack.*: the local stack: PostgreSQL, Redis, the Coolify stand-in, API and worker behind a front."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_JSON = "print one JSON object"


@task(help={"from": "the version to bring up (default: mostly the parent commit)", "json": _JSON})
def up(c: Context, from_: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Bring the local stack up; stack.down ends it."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import standing
        from gonogo.model import version_of

        info = standing.bring_up(door.root(), start_from=from_, environ=door.environ(), progress=console.line)
        console.line(f"up: {info.url} serves {version_of(info.first)}")
        console.line('to use it like a real environment: eval "$(invoke stack.env)" && invoke deploy.prod')
        console.document({"api_url": info.url, "coolify_url": info.coolify_url, "version": version_of(info.first)})


@task(help={"json": _JSON})
def down(c: Context, json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Stop the local stack, and the linter's server."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import standing

        removed = standing.take_down(door.root())
        console.line(f"down: {', '.join(removed) or 'nothing was up'}")
        console.document({"removed": list(removed)})


@task(help={"json": _JSON})
def status(c: Context, json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show which parts of the stack run, and where."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import standing

        parts = standing.parts(door.root())
        console.table(("part", "state", "where"), [(each.name, each.state, each.where) for each in parts])
        console.document({"parts": [{"name": each.name, "state": each.state, "where": each.where} for each in parts]})


@task(
    positional=["provider"],
    help={
        "provider": "xai, todoist, telegram or coolify",
        "name": "the fault; without one they are listed",
        "settings": 'a JSON object, as {"times": 1}; docs/providers.md',
        "clear": "switch all of the provider's faults off",
        "json": _JSON,
    },
)
def fault(  # noqa: PLR0917  # one argument per flag
    c: Context,
    provider: str,
    name: str = "",
    settings: str = "{}",
    clear: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Switch a fault of a provider's stand-in on, or all off."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import standing

        if name or clear:
            given = door.table(settings, "settings")
            standing.switch(door.root(), provider, "" if clear else name, given)
        faults = standing.faults(door.root(), provider)
        console.table(("fault", "on", "what happens"), faults)
        console.document({"provider": provider, "on": [each for each, is_on, _ in faults if is_on]})


@task(
    help={
        "name": "api (default), worker, postgres, redis or coolify",
        "lines": "how many of the last lines (default: 50)",
    }
)
def logs(c: Context, name: str = "api", lines: str = "50") -> None:
    """Show the last lines of a part of the stack."""
    del c
    with door.opened() as console:
        from gonogo.local import standing

        console.line(standing.logs(door.root(), name, door.number(lines, "lines")))


@task
def env(c: Context) -> None:
    """Print the stack's values as exports, with secrets."""
    del c
    with door.opened() as console:
        from gonogo.local import standing

        console.reveal(standing.exports(door.root()))
