"""Coolify is of a version whose ways are known."""

import pytest

from gonogo.checks.coolify_is_supported import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


@pytest.mark.parametrize(
    ("version", "blocks"),
    [
        ("4.0.0-beta.401", 1),
        ("4.0.0-beta.402", 0),
        ("4.0.0-beta.420.2", 0),
        ("4.0.0-beta.463", 0),
        ("4.0.0-beta.464", 1),
        ("v4.0.0-beta.467", 1),
        ("4.0.0-beta.467.1", 1),
        ("4.0.0-beta.468", 0),
        ("4.0.0", 0),
    ],
)
def test_versions_that_a_release_cannot_follow_block(version: str, blocks: int) -> None:
    """Compared by their numbers, a beta before its release."""
    severities = [severity for severity, _, _ in said(check, platform__version=version)]
    assert severities.count(Severity.BLOCK) == blocks


@pytest.mark.parametrize(
    ("version", "count"),
    [("4.0.0-beta.453", 4), ("4.0.0-beta.454", 3), ("4.0.9", 3), ("4.1.0", 2), ("4.2.0", 1), ("4.3.6", 1)],
)
def test_known_faults_are_told_one_by_one(version: str, count: int) -> None:
    """Each with what would happen."""
    found = said(check, platform__version=version)
    assert [severity for severity, _, _ in found] == [Severity.ADVISE] * count
    assert all(hint.startswith("upgrade Coolify") for _, _, hint in found)


@pytest.mark.parametrize("version", ["4.3.7", "4.3.11"])
def test_a_version_without_them_is_said(version: str) -> None:
    """By itself."""
    assert said(check, platform__version=version) == [(Severity.INFO, f"Coolify {version}", "")]


def test_a_newer_version_is_said_to_be_newer() -> None:
    """It may have other ways."""
    ((severity, message, _),) = said(check, platform__version="4.4-rc.1")
    assert (severity, "newer" in message) == (Severity.INFO, True)


def test_what_is_no_version_is_worth_a_word() -> None:
    """Nothing is known of it then."""
    ((severity, message, _),) = said(check, platform__version="nightly")
    assert (severity, "'nightly'" in message) == (Severity.ADVISE, True)
