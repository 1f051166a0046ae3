"""Dates in words: a table, and the days on which calendars and clocks are odd."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backend.providers.llm.builtin import dates
from backend.tests.unit.builtin.tables import NOW

ROWS = [
    tuple(line.split(" | "))
    for line in (Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8").splitlines()
]


def said(phrase: str, now: datetime) -> str:
    """Return the date of a phrase as words: its day, its time, "r" if it recurs; "-" without."""
    for when in dates.find(phrase, now):
        clock = f" {when.at.astimezone(now.tzinfo):%H:%M}" if when.at else ""
        return f"{when.day}{clock}{' r' if when.recurrence else ''}"
    return "-"


def at(zone: str, *numbers: int) -> datetime:
    """Return a moment on a zone's clock."""
    return datetime(*numbers, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(("phrase", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_phrase_is_its_date(phrase: str, expected: str) -> None:
    """Every row of the table, said on a Wednesday at ten."""
    assert said(phrase, NOW) == expected


@pytest.mark.parametrize("phrase", ["{} for the letter", "write to Clara {}", "do it {} please"])
@pytest.mark.parametrize(("date", "expected"), [("next Friday 15:00", "2026-11-27 15:00"), ("in 3 days", "2026-11-21")])
def test_a_date_is_found_among_words(phrase: str, date: str, expected: str) -> None:
    """Wherever it stands."""
    assert said(phrase.format(date), NOW) == expected


class TestOddDays:
    """Time changes, leap days, ends of years, other zones."""

    @pytest.mark.parametrize(
        ("now", "phrase", "utc"),
        [
            (at("Europe/Berlin", 2027, 3, 27, 12), "tomorrow at 9:00", "2027-03-28T07:00"),
            (at("Europe/Berlin", 2027, 3, 27, 12), "tomorrow at 2:30", "2027-03-28T01:30"),
            (at("Europe/Berlin", 2026, 10, 24, 12), "tomorrow at 2:30", "2026-10-25T00:30"),
            (at("Europe/Berlin", 2026, 10, 24, 12), "tomorrow at 9:00", "2026-10-25T08:00"),
            (at("Europe/Berlin", 2026, 10, 25, 0, 30), "in 3 hours", "2026-10-25T01:30"),
            (at("America/New_York", 2026, 11, 18, 22), "tomorrow at 8am", "2026-11-19T13:00"),
            (at("Pacific/Auckland", 2026, 11, 18, 1), "tonight", "2026-11-18T06:00"),
        ],
    )
    def test_a_wall_clock_is_a_moment(self, now: datetime, phrase: str, utc: str) -> None:
        """The clock of the owner's zone counts, on its own days."""
        (when,) = dates.find(phrase, now)

        assert when.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)

    @pytest.mark.parametrize(
        ("now", "phrase", "expected"),
        [
            (at("UTC", 2026, 12, 31, 23), "tomorrow", "2027-01-01"),
            (at("UTC", 2026, 12, 31, 23), "in an hour", "2027-01-01 00:00"),
            (at("UTC", 2026, 12, 31, 9), "next month", "2027-01-01"),
            (at("UTC", 2026, 12, 31, 9), "end of month", "2026-12-31"),
            (at("UTC", 2027, 1, 31, 9), "in a month", "2027-02-28"),
            (at("UTC", 2028, 1, 31, 9), "in a month", "2028-02-29"),
            (at("UTC", 2028, 2, 28, 9), "tomorrow", "2028-02-29"),
            (at("UTC", 2028, 2, 29, 9), "29 February", "2028-02-29"),
            (at("UTC", 2028, 2, 29, 9), "in a year", "2029-02-28"),
            (at("UTC", 2026, 12, 24, 9), "24 December", "2026-12-24"),
            (at("UTC", 2026, 12, 25, 9), "24 December", "2027-12-24"),
            (at("UTC", 2026, 11, 20, 9), "Friday", "2026-11-27"),
            (at("UTC", 2026, 11, 20, 9), "this Friday", "2026-11-20"),
            (at("UTC", 2026, 11, 22, 9), "next Friday", "2026-11-27"),
            (at("UTC", 2026, 11, 22, 9), "this weekend", "2026-11-22"),
            (at("UTC", 2026, 11, 20, 23), "tonight", "2026-11-20"),
            (at("UTC", 2026, 11, 20, 16), "every Friday at 15:00", "2026-11-27 15:00 r"),
            (at("UTC", 9999, 12, 31, 9), "tomorrow", "-"),
            (at("UTC", 9999, 12, 31, 9), "in 10 years", "-"),
        ],
    )
    def test_calendars_turn(self, now: datetime, phrase: str, expected: str) -> None:
        """Months, leap years, years and the end of all of them."""
        assert said(phrase, now) == expected
