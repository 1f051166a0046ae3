"""What is found in thoughts: the table that the rules were made on, and one that they were not."""

import pytest

from backend.tests.unit.builtin.tables import found, thoughts

TABLE = list(thoughts("thoughts.txt"))
UNSEEN = list(thoughts("unseen.txt"))
LEAST = 0.88


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text[:40] for text, _ in TABLE])
def test_a_thought_holds_what_the_table_says(text: str, expected: list[str]) -> None:
    """All of it, and nothing else; a note holds nothing."""
    assert sorted(found(text)) == sorted(expected)


def test_thoughts_that_no_rule_was_made_for() -> None:
    """Precision and recall over thoughts that were written before the rules first ran; no rule was made for one."""
    pairs = [(found(text), expected) for text, expected in UNSEEN]
    right = sum(len({*got} & {*expected}) for got, expected in pairs)

    assert len(TABLE) >= 80
    assert len(UNSEEN) >= 40
    assert right / sum(len(got) for got, _ in pairs) >= LEAST
    assert right / sum(len(expected) for _, expected in pairs) >= LEAST


def test_the_same_thought_holds_the_same() -> None:
    """Nothing depends on anything but the request."""
    assert [found(text) for text, _ in UNSEEN] == [found(text) for text, _ in UNSEEN]
