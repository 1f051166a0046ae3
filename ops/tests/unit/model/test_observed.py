"""A history of migrations, and what comes after a revision."""

import pytest

from gonogo.model import History
from gonogo.testing import revision

HISTORY = History(heads=("r3",), order=("r1", "r2", "r3"), revisions=tuple(revision(f"r{n}") for n in (1, 2, 3)))


@pytest.mark.parametrize(("start", "ids"), [(None, ["r1", "r2", "r3"]), ("r1", ["r2", "r3"]), ("r3", [])])
def test_after_a_revision_come_those_that_are_newer(start: str | None, ids: list[str]) -> None:
    """Oldest first; all of them for an empty database."""
    assert [each.id for each in HISTORY.after(start)] == ids


def test_a_revision_of_another_history_has_nothing_after_it() -> None:
    """Guessing would skip migrations."""
    with pytest.raises(ValueError, match="tuple"):
        HISTORY.after("r9")
