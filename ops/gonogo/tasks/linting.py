"""Migrations looked at from a task's point of view: where the scratch server is, what is shown."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gonogo import adoption, linting
from gonogo.errors import ExitCode, UsageError
from gonogo.model import Linted, LintFinding, MigrationSetup, Severity
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
    with console.status("reading the migrations"), linting.begun(setup, drift=wish.with_models) as begun:
        asked = linting.Asked(done=_done(setup, wish), only=wish.revision, drift=wish.with_models)
        linted = (None if begun else linting.recalled(setup, asked)) or _found(setup, asked, begun, missing)
    _show(console, linted, missing)
    console.document(_document(linted, missing))
    return ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED


def _found(setup: MigrationSetup, asked: linting.Asked, begun: linting.Running | None, missing: list[str]) -> Linted:
    """Return what is found in the history as it is now."""
    # Brought in while the project's interpreter starts.
    from gonogo.linting import judging

    linted = judging.look(setup, asked, server=lambda: _server(setup, missing), begun=begun)
    if not missing:
        linting.keep(setup, asked, linted)
    return linted


def setup_of(environment: str) -> MigrationSetup:
    """Return how the project's migrations are run; a local stack says its own values."""
    root = door.root()
    stack = _stack(root, environment) if environment else None
    if not stack:
        return linting.migration_setup(root, door.environ(), environment)
    from gonogo.local import standing

    return linting.migration_setup(root, standing.values(root, stack), environment)


def server_of(setup: MigrationSetup) -> tuple[str | None, str]:
    """Return a scratch server, and why there is none: the environment's own, else one out of a wheel."""
    missing = list[str]()
    found = _server(setup, missing)
    return (found.url if found else None), "".join(missing)


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
    for note in (*linted.notes, *missing):
        console.line(f"note: {note}")
    for finding in linted.findings:
        _show_one(console, finding)
    counts = {each: sum(found.severity is each for found in linted.findings) for each in Severity}
    captured = len(linted.revisions) - len(linted.rendered)
    console.line(
        f"{words.counted(len(linted.revisions), 'revision')}, {captured} run on a scratch database: "
        f"{counts[Severity.BLOCK]} blocking, {counts[Severity.ADVISE]} advice, {counts[Severity.INFO]} waived"
    )
    if linted.findings:
        console.line("how big tables are is not known here: what is said of locks is for tables with many rows")


def _show_one(console: Console, finding: LintFinding) -> None:
    """Show one finding: what, where, what would happen, what instead."""
    if finding.waived:
        console.line(f"waived   {finding.reference}  {finding.where}: {finding.message} ({finding.waived})")
        return
    console.line(f"{finding.severity.value:<8} {finding.reference}  {finding.where}")
    console.line(f"         {finding.message}")
    if finding.consequence != finding.message:
        console.line(f"         in production: {finding.consequence}")
    for index, line in enumerate(finding.fix.splitlines()):
        console.line(f"         {'instead: ' if index == 0 else '         '}{line}")


def _document(linted: Linted, missing: list[str]) -> dict[str, object]:
    """Return the JSON object."""
    return {
        "verdict": "no_go" if linted.blocking else "clean",
        "exit_code": int(ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED),
        "revisions": list(linted.revisions),
        "rendered": list(linted.rendered),
        "notes": [*linted.notes, *missing],
        "findings": [dict(asdict(each)) for each in linted.findings],
    }
