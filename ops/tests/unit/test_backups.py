"""The folder that backups are written to: which one is the newest."""

import json
from pathlib import Path

from gonogo.adapters.backups import ScriptBackups
from gonogo.model import Secret


def _written(folder: Path, name: str, taken_at: str | None, *, has_dump: bool = True) -> None:
    """Write a backup as the script leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"sha256": "d", "size_bytes": 1, "server_version": "18.4", "schema_revision": "r1", "row_counts": {}}
    (folder / f"{name}.json").write_text(json.dumps({**said, **({"taken_at": taken_at} if taken_at else {})}))
    if has_dump:
        (folder / f"{name}.dump").write_bytes(b"x")


def _backups(folder: Path) -> ScriptBackups:
    """Return the backups of a folder."""
    return ScriptBackups((), root=folder, folder=folder, url=Secret("DATABASE_URL", ""))


def test_the_newest_is_the_one_that_was_taken_last(tmp_path: Path) -> None:
    """By its manifest, whatever it is called and whenever it was copied here."""
    _written(tmp_path, "a", "2026-01-03T00:00:00Z")
    _written(tmp_path, "b", "2026-01-01T00:00:00Z")
    _written(tmp_path, "c", None)
    newest = _backups(tmp_path).newest()
    assert newest is not None
    assert (newest.dump.stem, newest.taken_at is not None) == ("a", True)


def test_one_without_its_dump_is_none(tmp_path: Path) -> None:
    """A manifest alone restores nothing; an empty folder, or none, has no newest."""
    _written(tmp_path, "a", "2026-01-03T00:00:00Z", has_dump=False)
    assert _backups(tmp_path).newest() is None
    assert _backups(tmp_path / "nowhere").newest() is None
