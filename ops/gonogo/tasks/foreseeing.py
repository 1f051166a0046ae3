"""Migrations told before they run, from a task's point of view: which database, which scratch server, what is shown."""

from contextlib import suppress
from dataclasses import asdict, dataclass

from gonogo import adoption, bootstrap, trying
from gonogo.errors import ConfigurationError, UsageError
from gonogo.model import Config, MigrationSetup, Severity
from gonogo.outlook import Outlook
from gonogo.report import outlook as view
from gonogo.tasks import door, linting, releasing
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
        found, why_not = look(setup, name, wish)
    if why_not:
        console.line(f"note: {why_not}")
    console.block(view.of_outlook(found, with_sql=wish.with_sql))
    go_on = "" if wish.start or wish.is_all else following(found, name)
    if go_on:
        console.line(f"next: {go_on}")
    console.document({**document(found, name, why_not), "next": go_on or None})


def look(setup: MigrationSetup, name: str, wish: Wish) -> tuple[Outlook, str]:
    """Return what migrations would do, and why their SQL was not run."""
    server, why_not = linting.server_of(setup)
    target = bootstrap.reach(setup, whole(name)) if name else None
    is_short = target is None and not (wish.start or wish.is_all)
    scope = bootstrap.Scope(start=wish.start, is_all=wish.is_all, newest=_NEWEST if is_short else None)
    return bootstrap.look_ahead(setup, target, scope, server=server, environment=name), why_not


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
    with suppress(ConfigurationError):
        return releasing.config(name)
    return None


def document(found: Outlook, name: str, why_not: str) -> dict[str, object]:
    """Return the JSON object."""
    return {
        "environment": name or None,
        "versions": list(found.versions),
        "pending": [
            {**asdict(each), "advice": asdict(class_)}
            for each, class_ in zip(found.foreseen, found.advices, strict=True)
        ],
        "advice": found.letter.value,
        "census": asdict(found.census),
        "hidden": found.hidden,
        "tried_at": found.tried_at.isoformat() if found.tried_at else None,
        "notes": [*found.notes, *([why_not] if why_not else [])],
    }
