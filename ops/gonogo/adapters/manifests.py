"""Manifests of backups, read strictly: a field that is missing, unknown or of another form is told, all of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.adapters import forms
from gonogo.errors import RefusedError
from gonogo.model import MANIFEST, Backup, BackupFile, Contents, TableContent

SUMS = "SHA256SUMS"


_SEQUENCES = [(forms.ANY, forms.ANY, forms.Maybe(int))]
_CONTENTS = {
    "schema_revision": forms.Maybe(forms.ANY),
    "facts": {
        "database": forms.ANY,
        "server_version": forms.VERSION,
        "encoding": forms.ANY,
        "locale": forms.Table(forms.Maybe(forms.ANY)),
        "extensions": forms.Table(forms.ANY),
        "roles": [forms.ANY],
        "memberships": [(forms.ANY, forms.ANY)],
        "objects": forms.Table(int),
    },
    "large_objects": {"count": int, "digest": forms.SUM},
    "sequences": _SEQUENCES,
    "sequences_after": _SEQUENCES,
    "tables": [{"schema": forms.ANY, "name": forms.ANY, "owner": forms.ANY, "rows": int, "digest": forms.SUM}],
}
_FORM = {
    "format": int,
    "name": forms.Text(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, dot, dash and underscore"),
    "taken_at": forms.TIME,
    "finished_at": forms.TIME,
    "size_bytes": int,
    "database_bytes": int,
    "sha256": forms.SHA,
    "client_version": forms.VERSION,
    "compression": forms.ANY,
    "jobs": int,
    "files": [
        {
            "path": forms.Text(r"globals\.sql|dump/[A-Za-z0-9_.-]+", "dump/FILE or globals.sql"),
            "size_bytes": int,
            "sha256": forms.SHA,
        }
    ],
    **_CONTENTS,
}
_OLD_FORM = {
    "taken_at": forms.TIME,
    "sha256": forms.SHA,
    "size_bytes": int,
    "server_version": forms.VERSION,
    "schema_revision": forms.Maybe(forms.ANY),
    "row_counts": forms.Table(int),
}


def read(path: Path) -> Backup:
    """Return what a manifest says.

    Raises:
        RefusedError: it cannot be read, with every problem.
    """
    said, problems = forms.loaded(path)
    is_folder = path.name == MANIFEST
    problems = problems or list(forms.problems(said, _FORM if is_folder else _OLD_FORM, ""))
    if not problems and is_folder:
        problems = list(_contradictions(said))
    if problems:
        why = "what it belongs to cannot be trusted"
        hint = "take another backup: invoke backup.run"
        raise RefusedError("manifest-wrong", "; ".join(problems), where=str(path), why=why, hint=hint)
    return _backup(path, said) if is_folder else _old_backup(path, said)


def contents_of(said: Mapping[str, Any]) -> Contents:
    """Return what a document says of a database."""
    facts = said["facts"]
    after = {(schema, name): value for schema, name, value in said["sequences_after"]}
    return Contents(
        database=facts["database"],
        server_version=facts["server_version"],
        encoding=facts["encoding"],
        schema_revision=said["schema_revision"],
        tables=tuple(TableContent(**each) for each in said["tables"]),
        large_objects=(said["large_objects"]["count"], said["large_objects"]["digest"]),
        sequences={
            f"{schema}.{name}": (value, after[schema, name])
            for schema, name, value in said["sequences"]
            if (schema, name) in after
        },
        extensions=facts["extensions"],
        roles=tuple(facts["roles"]),
        memberships=tuple((member, group) for member, group in facts["memberships"]),
        objects=facts["objects"],
    )


def _backup(path: Path, said: Mapping[str, Any]) -> Backup:
    """Return the record of a backup that is a folder."""
    contents = contents_of(said)
    return Backup(
        dump=path.parent / "dump",
        manifest=path,
        sha256=said["sha256"],
        size_bytes=said["size_bytes"],
        server_version=contents.server_version,
        schema_revision=contents.schema_revision,
        row_counts={each.label: each.rows for each in contents.tables},
        taken_at=datetime.fromisoformat(said["taken_at"]),
        finished_at=datetime.fromisoformat(said["finished_at"]),
        client_version=said["client_version"],
        files=tuple(BackupFile(**each) for each in said["files"]),
        contents=contents,
    )


def _old_backup(path: Path, said: Mapping[str, Any]) -> Backup:
    """Return the record of a backup that is one file and a manifest beside it."""
    return Backup(
        dump=path.with_suffix(".dump"),
        manifest=path,
        **{**said, "taken_at": datetime.fromisoformat(said["taken_at"])},
    )


def _contradictions(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a manifest says against itself."""
    if said["format"] != 2:  # noqa: PLR2004  # the only one that is a folder
        yield f"format {said['format']} is not known here: it was written by a newer version"
    paths = [each["path"] for each in said["files"]]
    tables = [repr((each["schema"], each["name"])) for each in said["tables"]]
    yield from (f"{path} is listed twice" for path in forms.repeated(paths))
    yield from (f"table {each} is listed twice" for each in forms.repeated(tables))
    yield from (f"{each} is not listed" for each in ("dump/toc.dat", "globals.sql") if each not in paths)
    total = sum(each["size_bytes"] for each in said["files"])
    if total != said["size_bytes"]:
        yield f"size_bytes is {said['size_bytes']}, its files have {total}"
    if said["finished_at"] < said["taken_at"]:
        yield "finished_at is before taken_at"
    counted = said["facts"]["objects"].get("tables", 0)
    if counted != len(tables):
        yield f"facts.objects counts {counted} tables, {len(tables)} are listed"


def name_said(path: Path) -> str:
    """Return the name that a manifest of a folder, read before, says."""
    said, _ = forms.loaded(path)
    return str(said["name"])
