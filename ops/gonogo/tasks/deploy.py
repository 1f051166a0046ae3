"""deploy.*: carry a release to an environment, or look at what was carried."""

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_YES = "do not ask; required where there is no terminal"
_DRY = "show the plan and stop; nothing is changed"
_DURING = "release although a freeze window of gonogo.toml holds; the reason is written into the journal"
_FROM = "the version to start from (default: the last release, else the parent commit, else this tree relabelled)"
_FAULT = (
    "break one thing on purpose: api-unhealthy, api-wrong-version, worker-crash, migration-fails, backup-corrupt, "
    "smoke-fails, provider-nonsense"
)
_RATE = "requests a second that run through the whole release (default: 80)"


@task(help={"yes": _YES, "dry-run": _DRY, "during-freeze": _DURING, "json": _JSON})
def prod(
    c: Context,
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    during_freeze: str = "",
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Release this commit to production, or roll it back."""
    del c
    _release("prod", yes=yes, dry_run=dry_run, during_freeze=during_freeze, json=json)


@task(help={"yes": _YES, "dry-run": _DRY, "during-freeze": _DURING, "json": _JSON})
def staging(
    c: Context,
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    during_freeze: str = "",
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Release this commit to staging, or roll it back."""
    del c
    _release("staging", yes=yes, dry_run=dry_run, during_freeze=during_freeze, json=json)


@task(
    help={
        "from": _FROM,
        "fault": _FAULT,
        "then-rollback": "once it is released, go back to the version before, under the same traffic",
        "rate": _RATE,
        "keep": "leave the stack running",
        "json": _JSON,
    }
)
def rehearse(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    from_: str = "",
    fault: str = "",
    then_rollback: bool = False,  # noqa: FBT001, FBT002
    rate: str = "80",
    keep: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Release this tree on a local stack, under traffic."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local.rehearsal import Wish
        from gonogo.tasks import returning

        wish = Wish(root=door.root(), start_from=from_, fault=fault, rate=door.number(rate, "rate"), keep=keep)
        code, said = returning.rehearse(console, wish, then_rollback=then_rollback)
        console.document(said)
        door.leave(code)


@task(help={"from": _FROM, "json": _JSON})
def drill(c: Context, from_: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Rehearse every fault; print what each one ended in."""
    del c
    with door.opened(json=json) as console:
        from gonogo.local import drills
        from gonogo.local.rehearsal import Wish
        from gonogo.tasks import returning

        ends = {
            fault: returning.rehearse(console, Wish(root=door.root(), start_from=from_, fault=fault))[1]
            for fault in drills.FAULTS
        }
        console.table(drills.HEADERS, [drills.row(fault, said) for fault, said in ends.items()])
        console.document({"drills": [{"fault": fault or None, **said} for fault, said in ends.items()]})
        door.leave(0 if all(drills.is_as_documented(fault, said) for fault, said in ends.items()) else 1)


@task(help={"env": _ENV, "json": _JSON})
def plan(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show what a release would do. Changes nothing."""
    del c
    _release(env, yes=False, dry_run=True, json=json)


@task(
    help={
        "to": "a release's id, or the commit of one (default: what stood there before what serves now)",
        "env": _ENV,
        "accept-loss": "go back although something is lost; the plan says what",
        "accept-unknown": "go back although it is not known to be safe, for this reason; it is journalled",
        "yes": _YES,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def rollback(  # noqa: PLR0913, PLR0917  # one argument per flag
    c: Context,
    to: str = "",
    env: str = "prod",
    accept_loss: bool = False,  # noqa: FBT001, FBT002
    accept_unknown: str = "",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Go back to an earlier release, or say why not."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import releasing, returning

        wish = returning.Wish(to=to, accept_loss=accept_loss, accept_unknown=accept_unknown, yes=yes, dry_run=dry_run)
        code, said = returning.go_back(console, releasing.stage(env), wish)
        console.document(said)
        door.leave(code)


@task(help={"env": _ENV, "json": _JSON})
def resume(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Finish a release or rollback that stopped half-way."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import releasing

        code, said = releasing.resume(console, env)
        console.document(said)
        door.leave(code)


@task(help={"env": _ENV, "reason": "why, for the journal", "yes": _YES, "dry-run": _DRY, "json": _JSON})
def abort(  # noqa: PLR0917  # one argument per flag
    c: Context,
    env: str = "prod",
    reason: str = "",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Bring a stopped release back to the old version."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import releasing

        code, said = releasing.abort(console, env, reason, yes=yes, dry_run=dry_run)
        console.document(said)
        door.leave(code)


@task(
    help={"env": _ENV, "reason": "why nothing may be released", "hours": "how long (default: forever)", "json": _JSON}
)
def lock(c: Context, env: str = "prod", reason: str = "", hours: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Let nobody release to an environment."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import locking

        locking.lock(console, env, reason, hours)


@task(help={"env": _ENV, "force": "break a release's lock too", "yes": _YES, "dry-run": "only show it", "json": _JSON})
def unlock(  # noqa: PLR0917  # one argument per flag
    c: Context,
    env: str = "prod",
    force: bool = False,  # noqa: FBT001, FBT002
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Show who holds the lock, and give it back."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import locking

        locking.unlock(console, env, force=force, yes=yes, dry_run=dry_run)


@task(help={"env": _ENV, "release": "a release's id (default: the newest)", "json": _JSON})
def status(c: Context, env: str = "prod", release: str = "", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Show how a release went. Contacts nothing."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import archive

        archive.show(console, env, release)


@task(help={"env": _ENV, "json": _JSON})
def history(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """List releases and rollbacks. Contacts nothing."""
    del c
    with door.opened(json=json) as console:
        from gonogo.tasks import archive

        archive.list_releases(console, env)


def _release(environment: str, *, yes: bool, dry_run: bool, json: bool, during_freeze: str = "") -> None:
    """Release to a configured environment."""
    with door.opened(json=json) as console:
        from gonogo.tasks import releasing

        wish = releasing.Wish(yes=yes, dry_run=dry_run, during_freeze=during_freeze.strip())
        code, said = releasing.release(console, releasing.stage(environment), wish)
        console.document(said)
        door.leave(code)
