"""The built-in rule for titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.capture.service import TITLE_MAX, title_of


class TestTitleOf:
    """A title is the first line, cut at a word."""

    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("buy milk", "buy milk"),
            ("  buy\t milk \nand bread", "buy milk"),
            ("word " * 30, ("word " * 15).strip() + "…"),
            ("x" * 100, "x" * (TITLE_MAX - 1) + "…"),
        ],
        ids=["short", "first line", "cut at a word", "cut in a word"],
    )
    def test_takes_the_first_line(self, text: str, title: str) -> None:
        """The first line without extra blanks, at most 80 characters."""
        assert title == title_of(text)

    @given(st.text(min_size=1).filter(lambda text: text.strip()))
    def test_any_thought_has_a_title(self, text: str) -> None:
        """Whatever is captured gets a title that is neither empty nor long."""
        assert 1 <= len(title_of(text)) <= TITLE_MAX
