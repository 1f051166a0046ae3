"""Migrations looked at before they run: captured on a scratch server, read by our rules and by squawk."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from gonogo import adoption, journal, lint
from gonogo.adapters import capturing, squawk
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError, NoGoError, UsageError
from gonogo.model import Chain, Linted, Manner, MigrationSetup, Project, Verdict

__all__ = ["applied", "below", "lint_project", "migration_setup", "read", "wanted_of"]


def migration_setup(root: Path, environ: dict[str, str], environment: str = "") -> MigrationSetup:
    """Return how a project's migrations are run.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: values are missing or wrong, all of them at once.
    """
    return adoption.load(root, environ, environment)


def lint_project(
    setup: MigrationSetup, *, server: str | None, done: Iterable[str] = (), only: str = "", drift: bool = False
) -> Linted:
    """Return what is found in the working tree's migrations.

    Args:
        setup: how they are run.
        server: a scratch server; without one, SQL is rendered and not run.
        done: revisions that were applied somewhere, which are not looked at again, nor those before them.
        only: the one revision to look at; empty for all that are not done.
        drift: whether the models are compared with the migrated schema, too.

    Raises:
        RefusedError: the history cannot be read, or squawk is missing.
        UsageError: there is no such revision.
        NoGoError: a revision that was applied is not in the history.
    """
    chain = read(setup, server, drift=drift)
    wanted = wanted_of(chain, frozenset(done), only)
    subjects = lint.subjects(chain, today=wiring.clock().now().date(), wanted=wanted)
    said = squawk.said([lint.script(subject) for subject in subjects])
    found = [each for subject, words in zip(subjects, said, strict=True) for each in lint.judge(subject, words)]
    return Linted(
        revisions=tuple(wanted),
        rendered=tuple(
            each.id for each in chain.migrations if each.id in wanted and each.manner is not Manner.CAPTURED
        ),
        findings=(*lint.judge_chain(chain), *found),
        notes=chain.notes,
    )


def applied(setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that are known to be applied: those of the environment's database, else of the ledger."""
    if setup.database:
        revision = Postgres(setup.database, scratch_url=setup.scratch or setup.database).revision()
        return frozenset({revision} if revision else ())
    with suppress(ConfigurationError):
        return _released(wiring.project(setup.root), setup)
    return frozenset()


def _released(project: Project, setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that releases of any environment have applied."""
    if (
        project.ledger_url.startswith("sqlite:///")
        and not Path(project.ledger_url.removeprefix("sqlite:///")).is_file()
    ):
        return frozenset()
    ledger, found = wiring.ledger(project), set[str]()
    for environment in adoption.environments(setup.root):
        for release in ledger.releases(environment):
            state = journal.replay(ledger.read(release))
            if state.verdict is Verdict.RELEASED:
                found |= {state.plan.start_revision or "", *(each.id for each in state.plan.pending)}
    return frozenset(found - {""})


def read(setup: MigrationSetup, server: str | None, *, drift: bool = False) -> Chain:
    """Return the history, captured where there is a server."""
    own = setup.root / ".venv" / "bin" / "python"
    python = str(own if own.exists() else sys.executable)
    command = tuple(word.format(python=python) for word in setup.command)
    with ExitStack() as stack:
        scratch = stack.enter_context(capturing.scratch_database(server)) if server else None
        return capturing.capture(
            command,
            root=setup.root,
            ini=setup.ini,
            scratch=scratch,
            environ=setup.environ,
            drift=drift,
            memory=setup.state / "lint" / "captures",
        )


def wanted_of(chain: Chain, done: frozenset[str], only: str) -> list[str]:
    """Return the revisions to look at, oldest first."""
    known = [migration.id for migration in chain.migrations]
    if only:
        matches = [each for each in known if each == only] or [each for each in known if each.startswith(only)]
        if len(matches) != 1:
            message = f"there is no revision {only!r}" if not matches else f"{only!r} is short for {', '.join(matches)}"
            raise UsageError("unknown-revision", message, hint="invoke migrate.lint --all")
        return matches
    if unknown := sorted(done - {*known}):
        message = f"the database is at {', '.join(unknown)}, which this tree does not have"
        raise NoGoError("schema-ahead", message, hint="check a newer commit out")
    there = below(chain, done)
    return [each for each in known if each not in there]


def below(chain: Chain, revisions: Iterable[str]) -> set[str]:
    """Return some revisions and all that they stand on."""
    parents = {migration.id: migration.parents for migration in chain.migrations}
    found, waiting = set[str](), [*revisions]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += parents.get(each, ())
    return found
