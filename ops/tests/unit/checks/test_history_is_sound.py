"""The migrations have one head, and the database stands on their way."""

import pytest

from gonogo.checks.history_is_sound import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


@pytest.mark.parametrize(("heads", "words"), [((), "0 heads: none"), (("r2", "r2b"), "2 heads: r2, r2b")])
def test_anything_but_one_head_blocks(heads: tuple[str, ...], words: str) -> None:
    """They are named."""
    ((severity, message, hint),) = said(check, history__heads=heads)
    assert (severity, message) == (Severity.BLOCK, f"the migrations have {words}")
    assert hint == "alembic merge heads"


def test_a_database_that_is_newer_than_the_target_blocks() -> None:
    """Its revision is not in the target."""
    ((severity, message, hint),) = said(check, database__revision="r9")
    assert (severity, "r9" in message, hint) == (Severity.BLOCK, True, "release a newer commit")


@pytest.mark.parametrize(
    ("revision", "words"),
    [(None, "schema at nothing, head r2, 2 pending"), ("r1", "schema at r1, head r2, 1 pending")],
)
def test_what_is_pending_is_counted(revision: str | None, words: str) -> None:
    """From the database's revision to the head."""
    assert said(check, database__revision=revision) == [(Severity.INFO, words, "")]
