"""Words, durations, and markup that cannot be broken out of."""

import pytest

from gonogo.model import EntryKind, Severity, Verdict
from gonogo.report import words
from gonogo.report.markup import Html, tag


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.0 s"),
        (0.01, "<0.1 s"),
        (3.44, "3.4 s"),
        (62.1, "62.1 s"),
        (245.0, "4 min 05 s"),
        (3599.9, "1 h 00 min"),
        (3725.0, "1 h 02 min"),
    ],
)
def test_durations_read_at_a_glance(value: float, expected: str) -> None:
    """No more digits than a person can use."""
    assert words.seconds(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(3.21, "3.2 ms"), (140.4, "140 ms"), (1400.0, "1.4 s")])
def test_latencies_read_at_a_glance(value: float, expected: str) -> None:
    """Milliseconds below a second."""
    assert words.milliseconds(value) == expected


def test_every_term_has_its_word() -> None:
    """A new verdict, severity or kind of entry cannot be forgotten here."""
    assert set(Verdict) == set(words.TITLES)
    assert set(Severity) == set(words.SEVERITIES)
    assert set(EntryKind) == set(words.EVENTS)


def test_plain_text_is_escaped_on_its_way_into_markup() -> None:
    """In content and in attributes."""
    assert tag("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'


def test_markup_passes_as_it_is() -> None:
    """Elements nest."""
    assert tag("p", tag("b", "x"), Html("<i></i>")) == "<p><b>x</b><i></i></p>"


def test_numbers_in_attributes_have_no_needless_digits() -> None:
    """Pages stay small."""
    assert tag("rect", x=1.0, stroke_width=0.25) == '<rect x="1" stroke-width="0.25"></rect>'
