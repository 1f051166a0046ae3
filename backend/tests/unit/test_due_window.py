"""Which days a question is about."""

from datetime import date

import pytest

from backend.features.query.service import due_window

FRIDAY = date(2026, 11, 27)


class TestDueWindow:
    """The words that name days."""

    @pytest.mark.parametrize(
        ("question", "first", "last"),
        [
            ("What is due today?", None, FRIDAY),
            ("anything for TONIGHT", None, FRIDAY),
            ("tomorrow?", date(2026, 11, 28), date(2026, 11, 28)),
            ("due this week", None, date(2026, 11, 29)),
            ("what's up next week", date(2026, 11, 30), date(2026, 12, 6)),
            ("plans for the weekend", date(2026, 11, 28), date(2026, 11, 29)),
            ("on monday", date(2026, 11, 30), date(2026, 11, 30)),
            ("on Friday", FRIDAY, FRIDAY),
            ("what is overdue", None, date(2026, 11, 26)),
            ("what is due?", None, date(2026, 12, 3)),
        ],
    )
    def test_names_days(self, question: str, first: date | None, last: date) -> None:
        """From a Friday's point of view; what is late is due still."""
        window = due_window(question, FRIDAY)

        assert window is not None
        assert (window.first, window.last) == (first, last)

    @pytest.mark.parametrize("question", ["which paint?", "what did I do last week", "dues and mondays", "🥛"])
    def test_names_none(self, question: str) -> None:
        """Other questions, and those about what has been."""
        assert due_window(question, FRIDAY) is None
