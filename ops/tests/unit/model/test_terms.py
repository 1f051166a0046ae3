"""The one way to name a version."""

import pytest

from gonogo.model import version_of


@pytest.mark.parametrize(("commit", "version"), [("a" * 40, "a" * 12), (None, "unknown"), ("", "unknown")])
def test_a_version_is_a_commit_s_first_twelve_digits(commit: str | None, version: str) -> None:
    """Or unknown, never a guess."""
    assert version_of(commit) == version
