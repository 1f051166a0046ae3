"""Migrations told before they run, from a task's point of view: which database, which scratch server, what is shown."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from gonogo import adoption, codec, trying
from gonogo.errors import ConfigurationError, UsageError
from gonogo.linting.foreseeing import Scope, look_ahead
from gonogo.model import Config, MigrationSetup, Severity
from gonogo.outlook import Outlook
from gonogo.tasks import door, linting
from gonogo.tasks.console import Console

_USUAL = "prod"
# Of a history without a target only so many are told of, unless more are asked for.
_NEWEST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be told of.

    Attributes:
        environment: whose database it is held against; empty for the usual one, where there is one.
        start: everything after this revision; empty for what the target lacks.
    """

    environment: str = ""
    start: str = ""
    is_all: bool = False
    with_sql: bool = False


def plan(console: Console, wish: Wish) -> None:
    """Tell what migrations would do.

    Raises:
        UsageError: the flags contradict each other, or name what is not there.
        NoGoError: the database is at a revision that this tree does not have.
    """
    if wish.start and wish.is_all:
        raise UsageError("too-many-flags", "--from and --all exclude each other", hint="keep one of them")
    name = environment(wish.environment)
    setup = linting.setup_of(name)
    with console.status(f"reading the migrations{f' for {name}' if name else ''}"):
        found, missing = look(setup, name, wish)
    from gonogo.report import outlook as view

    for why_not in missing:
        console.line(f"note: {why_not}")
    console.block(view.of_outlook(found, with_sql=wish.with_sql))
    go_on = "" if wish.start or wish.is_all else following(found, name)
    if go_on:
        console.line(f"next: {go_on}")
    console.document({**document(found, name, missing), "next": go_on or None})


def look(setup: MigrationSetup, name: str, wish: Wish) -> tuple[Outlook, list[str]]:
    """Return what migrations would do, and why their SQL was not run, if it was not."""
    missing = list[str]()
    judgement = linting.judged(setup, missing)
    if not name:
        is_short = not (wish.start or wish.is_all)
        scope = Scope(start=wish.start, is_all=wish.is_all, newest=_NEWEST if is_short else None)
        return look_ahead(judgement, None, scope), missing
    from gonogo import bootstrap

    target = bootstrap.reach(setup, whole(name))
    is_short = target is None and not (wish.start or wish.is_all)
    scope = Scope(start=wish.start, is_all=wish.is_all, newest=_NEWEST if is_short else None)
    tried = partial(bootstrap.trial_of, setup.root, name)
    return look_ahead(judgement, target, scope, trial=tried), missing


def following(found: Outlook, name: str) -> str:
    """Return the command that comes after a look ahead; empty where nothing is pending.

    Args:
        found: what migrations would do.
        name: the environment; empty for none.
    """
    env = f" --env {name}" if name else ""
    rules = {one.rule for each in found.foreseen for one in each.findings if one.severity is Severity.BLOCK}
    if not found.foreseen:
        return ""
    if rules - trying.CLEARABLE:
        return f"mend what blocks, then: invoke migrate.lint{f'{env} --pending' if name else ''}"
    return f"invoke deploy.plan{env}" if name and found.tried_at else f"invoke migrate.rehearse{env}"


def environment(named: str) -> str:
    """Return the environment that is meant; empty where none is named and there is no usual one."""
    if named:
        return named
    return _USUAL if _USUAL in adoption.environments(door.root()) else ""


def whole(name: str) -> Config | None:
    """Return all of an environment's configuration; None where gonogo.toml holds no more than its database."""
    from gonogo.tasks import releasing

    with suppress(ConfigurationError):
        return releasing.config(name)
    return None


def document(found: Outlook, name: str, missing: Sequence[str]) -> dict[str, object]:
    """Return the JSON object."""
    return {
        "environment": name or None,
        "versions": list(found.versions),
        "pending": [
            {**codec.fields(each), "advice": class_} for each, class_ in zip(found.foreseen, found.advices, strict=True)
        ],
        "advice": found.letter.value,
        "census": found.census,
        "hidden": found.hidden,
        "tried_at": found.tried_at.isoformat() if found.tried_at else None,
        "notes": [*found.notes, *missing],
    }
