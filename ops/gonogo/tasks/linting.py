"""Migrations looked at from a task's point of view: where the scratch server is, what is shown."""

from contextlib import suppress
from dataclasses import asdict, dataclass

from gonogo import bootstrap
from gonogo.errors import ExitCode, UsageError
from gonogo.model import Linted, LintFinding, MigrationSetup, Severity
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
    setup = setup_of(wish.environment)
    with console.status("reading the migrations"):
        done = frozenset[str]() if wish.is_all or wish.revision else bootstrap.applied(setup)
        server, why_not = server_of(setup)
        linted = bootstrap.lint_project(setup, server=server, done=done, only=wish.revision, drift=wish.with_models)
    _show(console, linted, why_not)
    console.document(_document(linted, why_not))
    return ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED


def setup_of(environment: str) -> MigrationSetup:
    """Return how the project's migrations are run; a local stack says its own values."""
    root = door.root()
    stack = bootstrap.stack_of(root, environment) if environment else None
    if not stack:
        return bootstrap.migration_setup(root, door.environ(), environment)
    from gonogo.local import standing

    return bootstrap.migration_setup(root, standing.values(root, stack), environment)


def server_of(setup: MigrationSetup) -> tuple[str | None, str]:
    """Return a scratch server, and why there is none: the environment's own, else one out of a wheel."""
    if setup.scratch:
        return setup.scratch.reveal(), ""
    from gonogo.local import postgres
    from gonogo.local.errors import StackError

    why_not = "the extra gonogo[local] is not installed"
    with suppress(StackError):
        return postgres.start(setup.state / "lint" / "postgres", durable=False).url, ""
    return None, f"{why_not}: SQL was rendered, and not run on a scratch server"


def _show(console: Console, linted: Linted, why_not: str) -> None:
    """Show the findings for people."""
    for note in (*linted.notes, *((why_not,) if why_not else ())):
        console.line(f"note: {note}")
    for finding in linted.findings:
        _show_one(console, finding)
    counts = {each: sum(found.severity is each for found in linted.findings) for each in Severity}
    captured = len(linted.revisions) - len(linted.rendered)
    console.line(
        f"{len(linted.revisions)} revisions, {captured} of them captured: {counts[Severity.BLOCK]} blocking, "
        f"{counts[Severity.ADVISE]} advice, {counts[Severity.INFO]} waived"
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
    console.line(f"         in production: {finding.consequence}")
    for index, line in enumerate(finding.fix.splitlines()):
        console.line(f"         {'instead: ' if index == 0 else '         '}{line}")


def _document(linted: Linted, why_not: str) -> dict[str, object]:
    """Return the JSON object."""
    return {
        "verdict": "no_go" if linted.blocking else "clean",
        "exit_code": int(ExitCode.NO_GO if linted.blocking else ExitCode.RELEASED),
        "revisions": list(linted.revisions),
        "rendered": list(linted.rendered),
        "notes": [*linted.notes, *([why_not] if why_not else [])],
        "findings": [dict(asdict(each)) for each in linted.findings],
    }
