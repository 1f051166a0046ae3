"""CI and production install the same things."""

import pytest

from gonogo.checks.ci_matches_production import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


def test_a_stale_lock_file_blocks() -> None:
    """And the command that renews it."""
    ((severity, message, hint),) = said(check, git__lock_is_current=False)
    assert (severity, message.split()[0], hint) == (Severity.BLOCK, "uv.lock", "uv lock")


def test_interpreters_that_differ_block() -> None:
    """Each file with what it says."""
    ((severity, message, _),) = said(check, git__python_pins={"Dockerfile": "3.12", ".python-version": "3.11"})
    assert (severity, message) == (Severity.BLOCK, "Python differs: .python-version says 3.11, Dockerfile says 3.12")


def test_both_are_told_at_once() -> None:
    """Not one after the other."""
    assert len(said(check, git__lock_is_current=False, git__python_pins={"a": "3.12", "b": "3.11"})) == 2


@pytest.mark.parametrize("pins", [{}, {"a": "3.11"}, {"a": "3.11", "b": "3.11.7"}])
def test_one_minor_version_is_enough(pins: dict[str, str]) -> None:
    """A patch version does not change what is installed."""
    ((severity, message, _),) = said(check, git__python_pins=pins)
    assert (severity, message.startswith("lock file current")) == (Severity.INFO, True)
