"""The folder that backups are written to: which one is the newest."""

import json
from pathlib import Path

from gonogo.adapters.backups import ScriptBackups
from gonogo.model import Secret


def _written(folder: Path, name: str, taken_at: str | None, *, has_dump: bool = True) -> None:
    """Write a backup as the script leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"sha256": "d" * 64, "size_bytes": 1, "server_version": "18.4", "schema_revision": "r1", "row_counts": {}}
    (folder / f"{name}.json").write_text(json.dumps({**said, **({"taken_at": taken_at} if taken_at else {})}))
    if has_dump:
        (folder / f"{name}.dump").write_bytes(b"x")


def _folder(root: Path, name: str, taken_at: str) -> None:
    """Write a backup that is a folder."""
    (root / name / "dump").mkdir(parents=True)
    files = [{"path": path, "size_bytes": 0, "sha256": "d" * 64} for path in ("dump/toc.dat", "globals.sql")]
    facts = {"database": "app", "server_version": "18.4", "encoding": "UTF8", "locale": {}, "extensions": {}}
    said = {
        "format": 2,
        "name": name,
        "taken_at": taken_at,
        "finished_at": "2026-02-01T00:00:00Z",
        "size_bytes": 0,
        "database_bytes": 0,
        "sha256": "d" * 64,
        "client_version": "18.4",
        "compression": "gzip",
        "jobs": 1,
        "files": files,
        "schema_revision": "r1",
        "facts": {**facts, "roles": [], "memberships": [], "objects": {}},
        "large_objects": {"count": 0, "digest": "0"},
        "sequences": [],
        "sequences_after": [],
        "tables": [],
    }
    (root / name / "manifest.json").write_text(json.dumps(said))


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
    assert (newest.name, newest.taken_at is not None) == ("a", True)


def test_a_folder_is_newer_than_the_two_files_of_an_earlier_version(tmp_path: Path) -> None:
    """Both are found; what has a manifest that cannot be read is none."""
    _written(tmp_path, "old", "2026-01-03T00:00:00Z")
    _folder(tmp_path, "new", "2026-01-04T00:00:00Z")
    _folder(tmp_path, "broken", "2026-01-05")
    (tmp_path / "notes.json").write_text("[]")
    newest = _backups(tmp_path).newest()
    assert newest is not None
    assert (newest.name, newest.dump, newest.schema_revision) == ("new", tmp_path / "new" / "dump", "r1")


def test_one_without_its_dump_is_none(tmp_path: Path) -> None:
    """A manifest alone restores nothing; an empty folder, or none, has no newest."""
    _written(tmp_path, "a", "2026-01-03T00:00:00Z", has_dump=False)
    assert _backups(tmp_path).newest() is None
    assert _backups(tmp_path / "nowhere").newest() is None
