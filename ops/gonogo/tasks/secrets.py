"""secrets.*: how an environment's secrets are, and how one is replaced without a request failing."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_IMAGE = "also look through an image: a file that docker save wrote"
_CODE = "look at the repository alone; no environment is asked"


@task(help={"env": _ENV, "code": _CODE, "image": _IMAGE, "json": _JSON})
def check(
    c: Context,
    env: str = "prod",
    code: bool = False,  # noqa: FBT001, FBT002
    image: str = "",
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Say all that is wrong with secrets: age, reuse, leaks."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import secrecy

        door.leave(secrecy.check(console, env, only_code=code, image=image))


_YES = "do not ask; required where there is no terminal"
_DRY = "show the plan and stop; nothing is changed"
_NAME = "which: api-tokens, database, redis, telegram-webhook, todoist-token, xai-key"
_FROM = "the file that holds the new value which a person made, or - for standard input; never a value"


@task(
    help={
        "name": _NAME,
        "env": _ENV,
        "by-hand": "a person makes and ends the values at the provider's",
        "value-from": _FROM,
        "yes": _YES,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def rotate(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    name: str,
    env: str = "prod",
    by_hand: bool = False,  # noqa: FBT001, FBT002
    value_from: str = "",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Replace a secret; the old one ends proven refused."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import releasing, rotating

        wish = rotating.Wish(name=name, by_hand=by_hand, value_from=value_from, yes=yes, dry_run=dry_run)
        code, said = rotating.rotate(console, releasing.stage(env), wish)
        console.document(said)
        door.leave(code)


@task(help={"env": _ENV, "json": _JSON})
def status(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show which secret is rotating, and when each was last."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import rotating

        rotating.status(console, env)
