"""The working tree against the release that runs now: does that one live on the newer schema, and do we on both?

Everything happens on databases of our own; no environment is touched.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from gonogo import bootstrap
from gonogo.adapters.migrations import read_history
from gonogo.adapters.scratch import scratch_database
from gonogo.config import exceptions
from gonogo.errors import UsageError
from gonogo.local import elders, first_release, postgres, stack
from gonogo.local.definition import directory
from gonogo.model import Checkout, History, Outlived, Project, Revision, Secret, Verdict

Progress = Callable[[str], None]
_CONTRACT = "contract"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One release on one schema, and what came of it."""

    release: str
    schema: str
    outlived: Outlived


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What came of it all.

    Attributes:
        elder: the commit that runs now.
        pending: the revisions that it does not have, oldest first.
    """

    elder: str
    pending: tuple[Revision, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether everything was tried, and runs."""
        return all(row.outlived.runs for row in self.rows)


def compare(root: Path, *, against: str, environment: str, environ: Mapping[str, str], progress: Progress) -> Compared:
    """Return whether the release that runs now lives on the working tree's schema, and the working tree on both.

    Args:
        root: the folder that holds gonogo.toml.
        against: the earlier release; empty for the one that the ledger says an environment runs.
        environment: which one, by its name in gonogo.toml.
        environ: may name servers of its own: STACK_DATABASE_URL, STACK_REDIS_URL.
        progress: told what is being done.

    Raises:
        UsageError: nobody says which release that is, or it has revisions that the tree lacks.
        RefusedError: its files or its environment cannot be had.
    """
    project = bootstrap.project(root)
    excuses = exceptions.read(project.exceptions)
    repository = bootstrap.repository(project)
    elder = repository.resolve(against or _running(project, environment))
    ini = project.commands.migrations
    history = read_history(Checkout(commit="", path=root, python=root), ini)
    if all(repository.has(elder, each.path) for each in history.revisions):
        return Compared(elder=elder)
    checkouts = bootstrap.checkouts(project)
    progress(f"checking {elder[:12]} out, with its own lock file")
    former, ours = checkouts.provide(elder), checkouts.of_folder(root)
    pending = _pending(history, read_history(former, ini))
    with _server(project, environ) as server:
        home = elders.elders(
            project,
            excuses=excuses,
            redis_url=environ.get("STACK_REDIS_URL") or None,
            progress=progress,
        )
        lives = _Lives(project=project, server=server, elders=home, history=history, pending=pending)
        return Compared(elder=elder, pending=pending, rows=(lives.elder(former, ours), lives.newcomer(former, ours)))


def _running(project: Project, environment: str) -> str:
    """Return the commit that an environment runs: by its ledger, on a local stack by what serves there.

    Raises:
        UsageError: nobody says.
    """
    name = bootstrap.stack_of(project.root, environment)
    states = (
        each for each in bootstrap.archive(project.root).releases(environment) if each.verdict is Verdict.RELEASED
    )
    found = _serving(project, name) if name else next((state.plan.target_commit for state in states), "")
    if found:
        return found
    if name:
        message = f"nothing serves on the local stack {name!r}, so nobody says which release that would be"
        raise UsageError("no-elder", message, hint="invoke stack.up; or: invoke compat.check --against COMMIT")
    message = f"the ledger knows no release of {environment}, so nobody says what runs there"
    hint = f"invoke health.check --env {environment} shows what serves; then: invoke compat.check --against COMMIT"
    raise UsageError("no-elder", message, hint=hint)


def _serving(project: Project, name: str) -> str:
    """Return the commit that the API of a local stack runs; empty where none does."""
    containers = stack.status(directory(project.state, name)).containers
    return next((each.commit for each in containers if each.service == "api" and each.state == "running"), "")


def _pending(ours: History, theirs: History) -> tuple[Revision, ...]:
    """Return the revisions that the earlier release does not have."""
    known = {each.id for each in theirs.revisions}
    if unknown := sorted(known - {each.id for each in ours.revisions}):
        message = f"the release that runs has revisions that this tree lacks: {', '.join(unknown)}"
        raise UsageError("tree-behind", message, hint="git merge the release, or name another one with --against")
    return tuple(each for each in ours.revisions if each.id not in known)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lives:
    """Both releases, each on databases of its own."""

    project: Project
    server: str
    elders: elders.LocalElders
    history: History
    pending: tuple[Revision, ...]

    def elder(self, former: Checkout, ours: Checkout) -> Row:
        """Let the earlier release live while all pending revisions are applied."""
        schema = f"{self.pending[0].id} … {self.pending[-1].id}" if len(self.pending) > 1 else self.pending[0].id
        with scratch_database(self.server, purpose="compat") as url:
            self._migrate(former, url, "head")
            outlived = self._outlived(former, url, partial(self._migrate, ours, url, "head"))
        return Row(release=f"{former.commit[:12]} (runs now)", schema=schema, outlived=outlived)

    def newcomer(self, former: Checkout, ours: Checkout) -> Row:
        """Let the working tree live on the expanded schema while it is contracted; or on the newest, if nothing is."""
        first = next((each for each in self.pending if each.kind == _CONTRACT), None)
        with scratch_database(self.server, purpose="compat") as url:
            self._migrate(former, url, "head")
            if first is None:
                self._migrate(ours, url, "head")
                return Row(release="working tree", schema="newest", outlived=self.elders.live(ours, _secret(url)))
            outlived = self._contracted(ours, url, first)
        # Its own suite failing on the expanded schema is a failure, not something that could not be tried.
        if outlived.runs is None:
            outlived = replace(outlived, runs=False, failed=(f"before {first.id}: {outlived.why}",))
        return Row(release="working tree", schema=f"before and after {first.id}", outlived=outlived)

    def _contracted(self, ours: Checkout, url: str, first: Revision) -> Outlived:
        """Let the working tree live through the contraction.

        A service may refuse an older revision by its name alone. It is told the newest one until then: what is asked
        is whether its SQL runs on both schemas.
        """
        place = self.history.order.index(first.id)
        expanded = self.history.order[place - 1] if place else "base"

        def contract() -> None:
            self._alembic(ours, url, "stamp", expanded)
            self._migrate(ours, url, "head")

        self._migrate(ours, url, expanded)
        self._alembic(ours, url, "stamp", "head")
        return self._outlived(ours, url, contract)

    def _outlived(self, checkout: Checkout, url: str, migrate: Callable[[], None]) -> Outlived:
        revisions = [each.id for each in self.pending]
        return self.elders.outlive(checkout, _secret(url), migrate=migrate, pending=revisions)

    def _migrate(self, checkout: Checkout, url: str, revision: str) -> None:
        self._alembic(checkout, url, "upgrade", revision)

    def _alembic(self, checkout: Checkout, url: str, *words: str) -> None:
        first_release.run((*self.project.commands.migrate, *words), checkout, variables={"DATABASE_URL": url})


@contextmanager
def _server(project: Project, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a server: the one that is named, else one of our own, gone at the end."""
    if given := environ.get("STACK_DATABASE_URL"):
        yield given
        return
    root = project.state / "compat"
    for left in root.glob("[0-9]*"):
        if not psutil.pid_exists(int(left.name)):
            _stop(left)
    folder = root / str(os.getpid())
    try:
        yield postgres.start(folder / "postgres", durable=False).url
    finally:
        _stop(folder)
        with suppress(OSError):
            root.rmdir()


def _stop(folder: Path) -> None:
    postgres.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


def _secret(url: str) -> Secret:
    return Secret(name=f"DATABASE_URL of {urlsplit(url).path.lstrip('/')}", _value=url)
