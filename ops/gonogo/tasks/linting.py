"""Migrations looked at from a task's point of view: where the scratch server is, what is shown."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gonogo import adoption, linting
from gonogo.errors import ExitCode, UsageError
from gonogo.model import Judgement, Linted, LintFinding, MigrationSetup, Severity
from gonogo.report import words
from gonogo.tasks import door
from gonogo.tasks.console import Console


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be looked at.

    Attributes:
        environment: whose database says what is applied; empty for none.
        revision: the one revision to look at; empty for more.
    """

    environment: str = ""
    revision: str = ""
    is_pending: bool = False
    is_all: bool = False
    with_models: bool = False


def lint(console: Console, wish: Wish) -> int:
    """Look at migrations, show what is found, and return the exit code.

    Raises:
        UsageError: the flags contradict each other, or name what is not there.
    """
    if sum((bool(wish.revision), wish.is_pending, wish.is_all)) > 1:
        raise UsageError(
            "too-many-flags", "--revision, --pending and --all exclude each other", hint="keep one of them"
        )
    if wish.is_pending and not wish.environment:
        raise UsageError("no-environment", "--pending needs --env: which database it is about", hint="add --env NAME")
    setup, missing = setup_of(wish.environment), list[str]()
    with console.status("reading the migrations"):
        judgement = judged(setup, missing, drift=wish.with_models)
        linted = linting.linted(judgement, done=_done(setup, wish), only=wish.revision)
    _show(console, linted, missing)
    console.document(_document(linted, missing))
    return ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED


def judged(setup: MigrationSetup, missing: list[str], *, drift: bool = False) -> Judgement:
    """Return the history as it is now, judged: remembered where nothing has changed today, else looked at.

    Args:
        setup: how its migrations are run.
        missing: why SQL was not run is noted here.
        drift: whether the models are compared with the migrated schema, too.
    """
    known = linting.memory(setup, drift=drift)
    with linting.begun(setup, known) as begun:
        if begun is None and (remembered := known.recalled()):
            return remembered
        # Brought in while the project's interpreter starts.
        from gonogo.linting import judging

        found = judging.judge(setup, server=lambda: _server(setup, missing), drift=drift, begun=begun)
    if not missing:
        known.keep(found)
    return found


def setup_of(environment: str) -> MigrationSetup:
    """Return how the project's migrations are run; a local stack says its own values."""
    root = door.root()
    stack = _stack(root, environment) if environment else None
    if not stack:
        return linting.migration_setup(root, door.environ(), environment)
    from gonogo.local import standing

    return linting.migration_setup(root, standing.values(root, stack), environment)


def _stack(root: Path, environment: str) -> str | None:
    """Return the local stack that an environment is, if it is one."""
    from gonogo import bootstrap

    return bootstrap.stack_of(root, environment)


def _done(setup: MigrationSetup, wish: Wish) -> frozenset[str]:
    """Return what is applied somewhere, unless it is looked at all the same."""
    if wish.is_all or wish.revision or not (setup.database or adoption.environments(setup.root)):
        return frozenset()
    from gonogo import bootstrap

    return bootstrap.applied(setup)


def _server(setup: MigrationSetup, missing: list[str]) -> linting.Server | None:
    """Return a scratch server, the environment's own, else one out of a wheel; why there is none is noted."""
    if setup.scratch:
        return linting.Server(url=setup.scratch.reveal())
    from gonogo.local import postgres
    from gonogo.local.errors import StackError

    with suppress(StackError):
        return linting.Server(url=postgres.start(setup.state / "lint" / "postgres", durable=False).url, is_ours=True)
    missing.append("the extra gonogo[local] is not installed: SQL was rendered, and not run on a scratch server")
    return None


def _show(console: Console, linted: Linted, missing: list[str]) -> None:
    """Show the findings for people."""
    notes = [f"note: {note}" for note in (*linted.notes, *missing)]
    if said := [*notes, *(line for finding in linted.findings for line in _shown(finding))]:
        console.lines(said)
    counts = {each: sum(found.severity is each for found in linted.findings) for each in Severity}
    captured = len(linted.revisions) - len(linted.rendered)
    console.line(
        f"{words.counted(len(linted.revisions), 'revision')}, {captured} run on a scratch database: "
        f"{counts[Severity.BLOCK]} blocking, {counts[Severity.ADVISE]} advice, {counts[Severity.INFO]} waived"
    )
    if linted.findings:
        console.line("how big tables are is not known here: what is said of locks is for tables with many rows")


def _shown(finding: LintFinding) -> Iterator[str]:
    """Yield the lines of one finding: what, where, what would happen, what instead."""
    if finding.waived:
        yield f"waived   {finding.reference}  {finding.where}: {finding.message} ({finding.waived})"
        return
    yield f"{finding.severity.value:<8} {finding.reference}  {finding.where}"
    yield f"         {finding.message}"
    if finding.consequence != finding.message:
        yield f"         in production: {finding.consequence}"
    for index, line in enumerate(finding.fix.splitlines()):
        yield f"         {'instead: ' if index == 0 else '         '}{line}"


def _document(linted: Linted, missing: list[str]) -> dict[str, object]:
    """Return the JSON object."""
    return {
        "verdict": "no_go" if linted.blocking else "clean",
        "exit_code": int(ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED),
        "revisions": list(linted.revisions),
        "rendered": list(linted.rendered),
        "notes": [*linted.notes, *missing],
        "findings": linted.findings,
    }
