"""The page about the rules says what they do."""

import re
from pathlib import Path

import pytest

from backend.tests.unit.builtin.tables import found

PAGE = Path(__file__).parents[4] / "docs" / "capture-rules.md"
ROWS = re.findall(r"^\| (?!thought \|)(.+?) \| ?(.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("text", "cell"), ROWS, ids=[text for text, _ in ROWS])
def test_a_row_of_the_page_is_true(text: str, cell: str) -> None:
    """Every example, as it stands there."""
    expected = [line.replace(" · ", " | ") for line in cell.split("<br>") if line]

    assert found(text) == expected


def test_the_page_has_rows() -> None:
    """An empty table would prove nothing."""
    assert len(ROWS) > 40
