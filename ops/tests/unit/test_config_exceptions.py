"""The file of what an earlier release may break on."""

from pathlib import Path

import pytest

from gonogo.config import exceptions
from gonogo.errors import ConfigurationError

GOOD = """
[[exception]]
what = "items.name"
revision = "0002"
reason = "unused"
who = "the owner"
expires = 2026-11-21
"""


def read(tmp_path: Path, text: str) -> object:
    """Return what is read from a file."""
    path = tmp_path / "compat.toml"
    path.write_text(text, encoding="utf-8")
    return exceptions.read(path)


def test_no_file_is_no_exception(tmp_path: Path) -> None:
    """Nothing has to be there."""
    assert exceptions.read(None) == exceptions.read(tmp_path / "none.toml") == ()


def test_exception_is_read_whole(tmp_path: Path) -> None:
    """With its last day."""
    (found,) = exceptions.read((tmp_path / "x", (tmp_path / "x").write_text(GOOD))[0])

    assert (found.what, found.revision, found.expires) == ("items.name", "0002", "2026-11-21")


def test_every_problem_is_said_at_once(tmp_path: Path) -> None:
    """An exception without a reason, a name and a last day is never taken back."""
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, GOOD.replace('reason = "unused"', "").replace("2026-11-21", '"soon"') + "why = 1\n[other]\n")

    said = " ".join(refused.value.problems)
    assert all(word in said for word in ("reason is missing", "expires is no day", "why is not a key", "other"))


def test_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """In words."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read(tmp_path, "[[")
