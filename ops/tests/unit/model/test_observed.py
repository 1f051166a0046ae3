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


@pytest.mark.parametrize(
    ("start", "ids"), [("a", ["b", "m"]), ("b", ["a", "m"]), ("m", []), (None, ["r", "a", "b", "m"])]
)
def test_of_two_branches_a_database_on_one_lacks_the_other(start: str | None, ids: list[str]) -> None:
    """Whatever stands before it in the list."""
    branched = History(
        heads=("m",),
        order=("r", "a", "b", "m"),
        revisions=tuple(revision(each) for each in ("r", "a", "b", "m")),
        parents={"r": (), "a": ("r",), "b": ("r",), "m": ("a", "b")},
    )
    assert [each.id for each in branched.after(start)] == ids
