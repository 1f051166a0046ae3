"""Manifests of physical backups: written, read strictly, and held against PostgreSQL's own."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.adapters import forms, verification
from gonogo.adapters.manifests import SUMS
from gonogo.adapters.physical import places
from gonogo.errors import RefusedError
from gonogo.model import MANIFEST, BackupFile, PhysicalBackup

FORMAT = 3
DATA = "data"
OWN = "data/backup_manifest"
_LSN = forms.Text(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}", "a place in the WAL like 0/2000028")
_NAME = forms.Text(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, dot, dash and underscore")
_PATH = forms.Text(r"data/(?!.*(?:^|/)\.\.?(?:/|$))[^\n\\]+", "a path below data/")
_FORM = {
    "format": int,
    "kind": forms.Text("full|incremental", "full or incremental"),
    "name": _NAME,
    "parent": forms.Maybe(_NAME),
    "parent_sha256": forms.Maybe(forms.SHA),
    "taken_at": forms.TIME,
    "finished_at": forms.TIME,
    "size_bytes": int,
    "cluster_bytes": int,
    "sha256": forms.SHA,
    "server_version": forms.VERSION,
    "system_identifier": forms.Text(r"\d+", "a number in quotes"),
    "timeline": int,
    "start_lsn": _LSN,
    "stop_lsn": _LSN,
    "segment_bytes": int,
    "database": forms.ANY,
    "schema_revision": forms.Maybe(forms.ANY),
    "rows": forms.Table(forms.Maybe(int)),
    "settled_at": forms.Maybe(int),
    "files": [{"path": _PATH, "size_bytes": int, "sha256": forms.SHA}],
    "folders": [_PATH],
}


def read(path: Path) -> PhysicalBackup:
    """Return what a manifest says.

    Raises:
        RefusedError: it cannot be read, with every problem.
    """
    said, problems = forms.loaded(path)
    problems = problems or list(forms.problems(said, _FORM, "")) or list(_contradictions(path, said))
    if problems:
        why = "what it belongs to cannot be trusted"
        hint = "take another backup: invoke backup.run"
        raise RefusedError("manifest-wrong", "; ".join(problems), where=str(path), why=why, hint=hint)
    given = {key: said[key] for key in PhysicalBackup.__slots__ if key in said}
    given |= {key: datetime.fromisoformat(said[key]) for key in ("taken_at", "finished_at")}
    given |= {key: places.parsed(said[key]) for key in ("start_lsn", "stop_lsn")}
    files, folders = tuple(BackupFile(**each) for each in said["files"]), tuple(said["folders"])
    return PhysicalBackup(manifest=path, **{**given, "files": files, "folders": folders})


def _contradictions(path: Path, said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a manifest says against itself, or against the folder that it is in."""
    if said["format"] != FORMAT:
        yield f"format {said['format']} is not known here: it was written by a newer version"
    if said["name"] != path.parent.name:
        yield f"the manifest is of {said['name']}, this is {path.parent.name}: it was swapped, or the folder renamed"
    if len({said["kind"] == "full", said["parent"] is None, said["parent_sha256"] is None}) > 1:
        yield f"it is {said['kind']}, and its parent is {said['parent']}"
    if said["parent"] == said["name"]:
        yield "it says that it is its own parent"
    paths = [each["path"] for each in said["files"]]
    yield from (f"{each} is listed twice" for each in forms.repeated(paths))
    yield from (f"{each} is not listed" for each in (OWN, "data/PG_VERSION", "data/backup_label") if each not in paths)
    total = sum(each["size_bytes"] for each in said["files"])
    if total != said["size_bytes"]:
        yield f"size_bytes is {said['size_bytes']}, its files have {total}"
    if said["finished_at"] < said["taken_at"]:
        yield "finished_at is before taken_at"


def own(folder: Path) -> tuple[str, int, int, int]:
    """Return what PostgreSQL's manifest says: system identifier, timeline, where the WAL begins and ends.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        said = json.loads((folder / OWN).read_text(encoding="utf-8"))
        (ranged,) = said["WAL-Ranges"]
        start, stop = places.parsed(ranged["Start-LSN"]), places.parsed(ranged["End-LSN"])
        return str(said["System-Identifier"]), int(ranged["Timeline"]), int(start or 0), int(stop or 0)
    except (OSError, LookupError, TypeError) as error:
        message = f"{OWN} does not say where its WAL begins and ends"
        raise ValueError(message) from error


def write(folder: Path, said: Mapping[str, Any]) -> None:
    """Write the manifest and the list of sums of a folder, with all files below `data`."""
    below = sorted(str(path.relative_to(folder)) for path in (folder / DATA).rglob("*") if path.is_file())
    sums = verification.sums(folder, tuple(below))
    files = [{"path": path, "size_bytes": (folder / path).stat().st_size, "sha256": sums[path]} for path in below]
    empty = [path for path in (folder / DATA).rglob("*") if path.is_dir() and not any(path.iterdir())]
    document = {
        "format": FORMAT,
        **said,
        "size_bytes": sum(int(str(each["size_bytes"])) for each in files),
        "sha256": verification.chain(sums),
        "folders": sorted(str(path.relative_to(folder)) for path in empty),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    lines = [f"{sums[path]}  {path}\n" for path in below]
    (digest,) = verification.sums(folder, (MANIFEST,)).values()
    (folder / SUMS).write_text("".join((*lines, f"{digest}  {MANIFEST}\n")), encoding="utf-8")
