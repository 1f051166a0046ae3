"""A revision that could not be run."""

import pytest

from gonogo.model import Manner, Migration, Severity
from tests.lint.samples import found, migration


@pytest.mark.parametrize(
    ("problem", "severity"),
    [
        ('ProgrammingError: relation "t" does not exist', Severity.BLOCK),
        ('FeatureNotSupported: extension "postgis" is not available', Severity.ADVISE),
    ],
)
def test_what_the_scratch_server_lacks_is_no_fault(problem: str, severity: Severity) -> None:
    """Everything else is."""
    looked_at = Migration(
        id="r2",
        path="r2.py",
        source="",
        statements=migration("SELECT 1").statements,
        manner=Manner.RENDERED,
        problem=problem,
    )
    (finding,) = found(looked_at)
    assert (finding.reference, finding.severity) == ("does-not-run", severity)


@pytest.mark.parametrize("source", ["def upgrade(:", ""])
def test_what_cannot_be_read_is_never_clean(source: str) -> None:
    """Neither the file nor its SQL."""
    (finding,) = found(Migration(id="r2", path="r2.py", source=source))
    assert (finding.reference, finding.severity) == ("does-not-run", Severity.BLOCK)


def test_what_ran_is_let_pass() -> None:
    """Nothing is said."""
    assert found(migration("SELECT 1")) == ()
