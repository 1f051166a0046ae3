"""telegram.*: the bot's webhook, set and looked at."""

from dataclasses import asdict
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.tasks import door

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_YES = "do not ask; required where there is no terminal"
_DRY = "say what would be set, change nothing"


@task(help={"env": _ENV, "yes": _YES, "dry-run": _DRY, "json": _JSON})
def webhook(
    c: Context,
    env: str = "prod",
    yes: bool = False,  # noqa: FBT001, FBT002
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Set the bot's webhook with its secret, and prove it."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap, telegram
        from gonogo.tasks import releasing

        line = bootstrap.telegram(releasing.config(env))
        with console.status(f"asking Telegram and {env}"):
            seen = telegram.before(line)
        _show(console, seen)
        telegram.refuse_unready(seen)
        console.line(f"webhook: {line.wish.url} for {', '.join(line.wish.allowed_updates)}")
        if not dry_run:
            door.demand_yes(console, "set it?", yes=yes)
            with console.status("setting it, and waiting for what has waited"):
                seen = (seen[0], *telegram.put(line))
            _show(console, seen)
        _end(console, seen, line.wish.url, dry_run=dry_run)


@task(help={"env": _ENV, "json": _JSON})
def verify(c: Context, env: str = "prod", json: bool = False) -> None:  # noqa: FBT001, FBT002
    """Look whether the bot's webhook works; change nothing."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap, telegram
        from gonogo.tasks import releasing

        line = bootstrap.telegram(releasing.config(env))
        with console.status(f"asking Telegram and {env}"):
            seen = (*telegram.before(line), *telegram.after(line))
        _show(console, seen)
        _end(console, seen, line.wish.url, dry_run=False)


def _show(console: Any, seen: Any) -> None:  # our own records are imported late
    """Show what was looked at."""
    rows = [(each.part, "yes" if each.is_well else "no", each.says) for each in seen]
    console.table(("part", "well", "says"), rows)


def _end(console: Any, seen: Any, url: str, *, dry_run: bool) -> None:  # as above
    """Say it as JSON too, and end the process."""
    is_well = all(each.is_well for each in seen)
    console.document({"url": url, "dry_run": dry_run, "well": is_well, "sights": [dict(asdict(each)) for each in seen]})
    door.leave(0 if is_well else 1)
