"""What a revision lets pass, and for how long."""

import pytest

from gonogo.model import Severity
from tests.lint.samples import blocked, found, migration

INDEX = "CREATE INDEX i ON users (name)"
GOOD = "# gonogo: allow index-not-concurrent until 2027-01-31: forty rows\n"


def test_a_waiver_lets_its_rule_pass_and_is_shown() -> None:
    """With its reason."""
    (finding,) = found(migration(INDEX, source=GOOD))
    assert (finding.severity, finding.waived) == (Severity.INFO, "forty rows")


def test_its_last_day_counts() -> None:
    """That day it still holds."""
    assert blocked(INDEX, source=GOOD.replace("2027-01-31", "2026-11-21")) == set()


@pytest.mark.parametrize(
    "line",
    [
        "# gonogo: allow index-not-concurrent until 2026-11-20: forty rows",
        "# gonogo: allow index-not-concurrent until 2027-01-31",
        "# gonogo: allow index-not-concurrent until 2027-01-31:",
        "# gonogo: allow index-not-concurrent: forty rows",
        "# gonogo: allow index-not-concurrent until soon: forty rows",
        "# gonogo: allow index-not-concurrent until 2027-13-31: forty rows",
        "# gonogo: ignore index-not-concurrent",
    ],
)
def test_one_that_is_over_or_incomplete_lets_nothing_pass_and_stops(line: str) -> None:
    """It is a finding of its own."""
    assert blocked(INDEX, source=f"{line}\n") == {"index-not-concurrent", "waiver"}


def test_one_that_names_no_rule_stops() -> None:
    """A misspelt one would let everybody believe that it works."""
    assert blocked("SELECT 1", source=GOOD.replace("index-", "indices-")) == {"waiver"}


def test_it_lets_no_other_rule_pass() -> None:
    """Each has its own."""
    assert blocked(INDEX, "DROP TABLE orders", source=GOOD) == {"drop-table", "mixed-kinds"}
