"""A project's history captured and judged."""

import re
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from gonogo import foresight, lint, linting
from gonogo.adapters import capturing, clock, squawk
from gonogo.adapters.checkouts import Checkouts
from gonogo.adapters.processes import Running
from gonogo.adapters.scratch import scratch_database
from gonogo.errors import RefusedError
from gonogo.model import Chain, Judgement, Linted, MigrationSetup

_NO_MODULE = re.compile(r"No module named '?([\w.]+)")


def look(
    setup: MigrationSetup,
    asked: linting.Asked,
    *,
    server: Callable[[], linting.Server | None],
) -> Linted:
    """Return what is found in the working tree's migrations.

    Args:
        setup: how they are run.
        asked: what is looked at.
        server: as for `judge`.

    Raises:
        RefusedError: the history cannot be read, or squawk is missing.
        UsageError: there is no such revision.
        NoGoError: a revision that was applied is not in the history.
    """
    return linting.linted(judge(setup, server, drift=asked.drift), done=asked.done, only=asked.only)


def judge(
    setup: MigrationSetup,
    server: Callable[[], linting.Server | None],
    *,
    drift: bool = False,
    begun: Running | None = None,
) -> Judgement:
    """Return the working tree's history, judged as a whole.

    Args:
        setup: how its migrations are run.
        server: gives a scratch server when it is needed; where it gives none, SQL is rendered and not run.
        drift: whether the models are compared with the migrated schema, too.
        begun: the project's interpreter, where it was begun already.

    Raises:
        RefusedError: the history cannot be read, or squawk is missing.
    """
    chain = history(setup, server, drift=drift, begun=begun)
    return foresight.judge(chain, squawk.said, today=clock.SystemClock().now().date())


def history(
    setup: MigrationSetup,
    server: Callable[[], linting.Server | None],
    *,
    drift: bool = False,
    begun: Running | None = None,
) -> Chain:
    """Return a project's history, captured where there is a server.

    Args:
        setup: how its migrations are run.
        server: as for `judge`.
        drift: as there.
        begun: as there.

    Raises:
        RefusedError: the history cannot be read.
    """
    whose = linting.source(setup)
    chain = None
    try:
        chain = _captured(setup, whose, server, drift=drift, begun=begun)
        lacking = _lacking(*chain.notes, *(each.problem for each in chain.migrations))
        if not (lacking and setup.install):
            return chain
    except RefusedError as error:
        lacking = _lacking(error.message)
        if not (lacking and setup.install):
            raise
    return _elsewhere(setup, chain, server, lacking=f"{whose.command[0]} lacks {lacking}", drift=drift)


def _elsewhere(
    setup: MigrationSetup,
    chain: Chain | None,
    server: Callable[[], linting.Server | None],
    *,
    lacking: str,
    drift: bool,
) -> Chain:
    """Return the history, run with the packages that the lock files name; as it was, where they cannot be had."""
    kept = setup.state / "checkouts"
    environments = Checkouts(repository=setup.root, root=kept, environment=setup.install, key_files=setup.key_files)
    try:
        python = environments.of_folder(setup.root).python
    except RefusedError as error:
        if chain is None:
            raise
        return replace(chain, notes=(*chain.notes, f"{lacking}, and {error.message}"))
    chain = _captured(setup, linting.source(setup, python=python), server, drift=drift)
    note = f"run in the environment of {', '.join(setup.key_files)} ({python.parent.parent}): {lacking}"
    return replace(chain, notes=(note, *chain.notes))


def _lacking(*texts: str) -> str:
    """Return the module that an interpreter does not have, as an error says."""
    found = next((match for text in texts if (match := _NO_MODULE.search(text))), None)
    return found[1] if found else ""


def _captured(
    setup: MigrationSetup,
    whose: capturing.Source,
    server: Callable[[], linting.Server | None],
    *,
    drift: bool = False,
    begun: Running | None = None,
) -> Chain:
    """Return the history as one interpreter runs it."""
    memory = setup.state / "lint" / "captures"
    with ExitStack() as stack:
        kept = capturing.remembered(memory, whose, drift=drift)
        if begun is None and kept.is_file() and (told := capturing.recalled(kept, whose)):
            return told
        found = server()
        is_ours = found is not None and found.is_ours
        scratch = stack.enter_context(scratch_database(found.url, is_ours=is_ours)) if found else None
        return capturing.capture(
            whose,
            scratch=scratch,
            drift=drift,
            memory=memory,
            begun=begun,
            is_ours=is_ours,
            meanwhile=partial(_read_ahead, setup.root),
        )


def _read_ahead(root: Path) -> None:
    """Read the files of revisions while the interpreter works; what they say is remembered by their text."""
    for path, text in capturing.revision_files(root):
        with suppress(Exception):  # told when the revision itself is judged
            lint.read_source(text, path)
