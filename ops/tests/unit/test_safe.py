"""What is kept of secrets is private, whole or not there, and gone when it is forgotten."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.adapters import safe
from gonogo.adapters.safe import FileSafe
from gonogo.errors import NeedsPersonError, RefusedError
from gonogo.model import Pair, Secret

AT = datetime(2026, 1, 1, tzinfo=UTC)


def safe_of(folder: Path) -> FileSafe:
    """Return a safe whose own values are in an env file."""
    return FileSafe(folder / "secrets" / "prod", safe.env_file(folder / ".env.prod"))


def test_a_pair_is_kept_for_its_owner_alone_and_forgotten_whole(tmp_path: Path) -> None:
    """A second process reads it; afterwards neither file nor folder is left."""
    pair = Pair(made_at=AT, old=Secret("X", "old-value-1"), new=Secret("X", "new-value-1"))
    safe_of(tmp_path).keep("r1", pair)
    path = tmp_path / "secrets" / "prod" / "r1.json"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert safe_of(tmp_path).pair("r1") == pair
    safe_of(tmp_path).forget("r1")
    assert safe_of(tmp_path).pair("r1") is None
    assert not (tmp_path / "secrets").exists()


def test_a_damaged_pair_needs_a_person_and_shows_no_value(tmp_path: Path) -> None:
    """It is not taken for none: the new value may be in use."""
    safe_of(tmp_path).keep("r1", Pair(made_at=AT, old=Secret("X", "old-value-2")))
    path = tmp_path / "secrets" / "prod" / "r1.json"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(NeedsPersonError) as caught:
        safe_of(tmp_path).pair("r1")
    assert "old-value-2" not in f"{caught.value.message}{caught.value.where}{caught.value.hint}"


@pytest.mark.parametrize("value", ["plain-1", "with 'quote' and $dollar # and space", "back\\slash"])
def test_an_own_value_is_replaced_on_its_line_alone(tmp_path: Path, value: str) -> None:
    """Comments, order and other values stay as they are, and the value is read as it was given."""
    path = tmp_path / ".env.prod"
    path.write_text("# ours\nA=1\nexport API_TOKEN='old'\nB=2 # two\n", encoding="utf-8")
    kept = safe_of(tmp_path)
    kept.change_own("API_TOKEN", Secret("API_TOKEN", value))
    found = kept.own("API_TOKEN")
    assert found is not None
    assert found.reveal() == value
    lines = path.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[1], lines[3]) == ("# ours", "A=1", "B=2 # two")
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_own_value_that_stands_twice_is_left_alone(tmp_path: Path) -> None:
    """Which one counts is not guessed."""
    path = tmp_path / ".env.prod"
    path.write_text("X=1\nX=2\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="2 lines"):
        safe_of(tmp_path).change_own("X", Secret("X", "3"))
    assert path.read_text(encoding="utf-8") == "X=1\nX=2\n"
