"""tokens.*: who may use the service, looked at and changed by its operator."""

from dataclasses import asdict

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_USER = "the e-mail address of the person whose token it is"
_NAME = "what its owner calls it"
_YES = "do not ask; required where there is no terminal"
_DRY = "say what would be done, change nothing"


@task(
    help={
        "env": _ENV,
        "json": _JSON,
        "user": _USER,
        "name": _NAME,
        "days": "days until it expires (default: 90)",
        "scopes": "what it is good for: read,write,manage (default: all)",
        "yes": _YES,
        "dry-run": _DRY,
    }
)
def issue(  # noqa: PLR0913, PLR0917  # Invoke's flags are parameters
    c: Context,
    user: str,
    name: str,
    env: str = "prod",
    days: int = 90,
    scopes: str = "",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Make an API token and print it, once."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        tokens = bootstrap.tokens(releasing.config(env))
        console.line(f"a token {name!r} for {user} in {env}, for {days} days, good for {scopes or 'everything'}")
        secret = ""
        if not dry_run:
            door.demand_yes(console, "make it?", yes=yes)
            secret = tokens.issue(user, name, days=days, scopes=scopes).reveal()
            console.line("shown this once; only its hash is kept" if json else secret)
        console.document({"user": user, "name": name, "token": secret, "dry_run": dry_run})


@task(name="list", help={"env": _ENV, "json": _JSON, "user": "whose tokens (default: everybody's)"})
def list_(c: Context, env: str = "prod", user: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """List API tokens: whose, what for, until when."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        found = bootstrap.tokens(releasing.config(env)).lines(user)
        rows = [(t.user, t.name, t.prefix, ",".join(t.scopes), t.state, t.expires, t.used or "never") for t in found]
        console.table(("user", "name", "begins with", "good for", "state", "expires", "last used"), rows)
        console.document({"tokens": [asdict(each) for each in found]})


@task(help={"env": _ENV, "json": _JSON, "user": _USER, "name": _NAME, "yes": _YES, "dry-run": _DRY})
def revoke(  # noqa: PLR0913, PLR0917  # as above
    c: Context,
    user: str,
    name: str,
    env: str = "prod",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Revoke a person's API tokens of one name."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.errors import ExitCode
        from gonogo.tasks import releasing

        tokens = bootstrap.tokens(releasing.config(env))
        valid = [t for t in tokens.lines(user) if t.name == name and t.state == "valid"]
        console.line(f"{len(valid)} valid token(s) {name!r} of {user} in {env}")
        count = 0
        if valid and not dry_run:
            door.demand_yes(console, "revoke?", yes=yes)
            count = tokens.revoke(user, name)
            console.line(f"{count} revoked; refused from now on")
        console.document({"user": user, "name": name, "revoked": count, "dry_run": dry_run})
        door.leave(ExitCode.RELEASED if valid else ExitCode.NOTHING_TO_DO)
