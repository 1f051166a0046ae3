"""deploy.status: what the ledger says of a release that nobody is at any more."""

import os
import socket
from datetime import UTC, datetime

import pytest

from gonogo.adapters.ledger import SqlLedger
from gonogo.model import Holder
from gonogo.tasks import archive
from gonogo.tasks.console import Console
from tests.report.samples import Story


def left(ledger: SqlLedger) -> str:
    """Return the environment of a release whose entries end within a step."""
    story = Story().done("preflight").begin("backup")
    for entry in story.entries:
        ledger.append(entry)
    return story.plan.environment


def test_a_step_of_a_release_that_was_stopped_does_not_run(
    ledger: SqlLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both ways on are named."""
    environment = left(ledger)
    archive.show(Console(), environment, "")

    told = "".join(capsys.readouterr())
    assert "stopped" in told
    assert "running" not in told
    assert f"invoke deploy.resume --env {environment}" in told
    assert f"invoke deploy.abort --env {environment}" in told


def test_a_step_of_a_release_whose_process_lives_runs(ledger: SqlLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever holds the lock is at it."""
    environment, host = left(ledger), socket.gethostname()
    holder = Holder(who="al", host=host, pid=os.getpid(), since=datetime.now(UTC), why="release", release_id="r1")
    ledger.acquire(environment, holder)
    archive.show(Console(), environment, "")

    told = "".join(capsys.readouterr())
    assert "running" in told
    assert "stopped" not in told
