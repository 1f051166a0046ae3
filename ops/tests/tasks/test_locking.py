"""deploy.lock and deploy.unlock: a person's hold, shown and given back; a release's lock, broken only on demand."""

import json
import os
import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from gonogo.adapters.ledger import SqlLedger
from gonogo.errors import LockHeldError, UsageError
from gonogo.model import Holder, Lease
from gonogo.tasks import locking
from gonogo.tasks.console import Console


def said(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    """Return the JSON object that was printed, and the words for people."""
    out, err = capsys.readouterr()
    return json.loads(out), err


def a_release(ledger: SqlLedger) -> Lease:
    """Let this process hold the lock for a release."""
    host = socket.gethostname()
    holder = Holder(
        who=f"al@{host}", host=host, pid=os.getpid(), since=datetime.now(UTC), why="release abc", release_id="r1"
    )
    lease = ledger.acquire("prod", holder)
    assert isinstance(lease, Lease)
    return lease


def test_a_hold_says_who_why_and_how_to_end_it(ledger: SqlLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody releases meanwhile; it needs none of the environment's values."""
    locking.lock(Console(json_mode=True), "prod", "the database is being moved", "2")

    document, words = said(capsys)
    assert (document["locked"], document["lock"]["why"]) == (True, "the database is being moved")
    assert 7100 < document["lock"]["ends_in_s"] <= 7200
    assert "the database is being moved" in words
    assert "invoke deploy.unlock --env prod" in words
    holder = ledger.holder("prod")
    assert holder
    assert holder.is_person


def test_a_hold_is_given_back(ledger: SqlLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """After it was shown."""
    locking.lock(Console(), "prod", "moving", "")
    capsys.readouterr()

    locking.unlock(Console(json_mode=True), "prod", force=False, yes=True, dry_run=False)

    document, words = said(capsys)
    assert (document["locked"], document["lock"]["why"], document["lock"]["ends_in_s"]) == (False, "moving", None)
    assert "it lasts until it is given back" in words
    assert ledger.holder("prod") is None


def test_a_dry_run_only_shows(ledger: SqlLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """Who holds it."""
    locking.lock(Console(), "prod", "moving", "")
    capsys.readouterr()

    locking.unlock(Console(json_mode=True), "prod", force=False, yes=False, dry_run=True)

    assert said(capsys)[0]["locked"] is True
    assert ledger.holder("prod")


def test_nobody_holds_it(ledger: SqlLedger, capsys: pytest.CaptureFixture[str]) -> None:
    """That is no error."""
    del ledger
    locking.unlock(Console(json_mode=True), "prod", force=False, yes=True, dry_run=False)
    assert said(capsys)[0] == {"locked": False, "lock": None}


def test_nobody_said_yes(ledger: SqlLedger) -> None:
    """Nothing is given back."""
    locking.lock(Console(), "prod", "moving", "")
    with pytest.raises(UsageError, match="nobody said yes"):
        locking.unlock(Console(), "prod", force=False, yes=False, dry_run=False)
    assert ledger.holder("prod")


def test_a_release_s_lock_is_not_broken_by_the_way(ledger: SqlLedger) -> None:
    """Exit code 5, with who and what would happen; `--yes` does not mean it."""
    a_release(ledger)
    with pytest.raises(LockHeldError, match="release abc; it ends by itself in") as caught:
        locking.unlock(Console(), "prod", force=False, yes=True, dry_run=False)
    assert caught.value.hint.endswith("invoke deploy.unlock --env prod --force")
    assert ledger.holder("prod")


def test_a_release_whose_lock_was_broken_is_fenced_off(ledger: SqlLedger) -> None:
    """Its next effect is not had."""
    lease = a_release(ledger)
    locking.unlock(Console(), "prod", force=True, yes=True, dry_run=False)
    assert ledger.holder("prod") is None
    with pytest.raises(Exception, match="not ours any more"):
        ledger.check(lease)


def test_a_hold_is_refused_while_a_release_runs(ledger: SqlLedger) -> None:
    """It would come too late."""
    a_release(ledger)
    with pytest.raises(LockHeldError, match="release abc"):
        locking.lock(Console(), "prod", "moving", "")


@pytest.mark.parametrize("hours", ["soon", "0", "-1", "nan", "inf"])
def test_hours_are_a_length_of_time(ledger: SqlLedger, hours: str) -> None:
    """Anything else is said, and nothing is held."""
    with pytest.raises(UsageError, match="--hours takes a number of hours above zero"):
        locking.lock(Console(), "prod", "moving", hours)
    assert ledger.holder("prod") is None


def test_a_hold_needs_a_reason_and_an_environment(ledger: SqlLedger) -> None:
    """Whoever meets it wants to know."""
    del ledger
    with pytest.raises(UsageError, match="without a reason"):
        locking.lock(Console(), "prod", "  ", "")
    with pytest.raises(UsageError, match="no environment called 'nowhere'"):
        locking.lock(Console(), "nowhere", "moving", "")
