"""A backup that fills the disk takes the machine down with it."""

import pytest

from gonogo.checks.disk_has_room import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said

# The scene's database, and the reserve of its limits.
NEEDED = 1000 + 1_000_000_000


@pytest.mark.parametrize(("free", "severity"), [(NEEDED - 1, Severity.BLOCK), (NEEDED, Severity.INFO)])
def test_room_for_the_dump_and_the_reserve_is_wanted(free: int, severity: Severity) -> None:
    """To the byte."""
    ((seen, message, _),) = said(check, disk_free_bytes=free)
    assert (seen, message) == (severity, "1.0 GB free, 1.0 GB wanted for the dump and the reserve")


def test_too_little_room_names_the_limit() -> None:
    """What can be changed."""
    ((_, _, hint),) = said(check, disk_free_bytes=0)
    assert "limits.disk_free_bytes" in hint
