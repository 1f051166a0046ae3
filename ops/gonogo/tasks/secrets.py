"""secrets.*: how an environment's secrets are."""

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
