"""Manifests of backups, read strictly: a field that is missing, unknown or of another form is told, all of them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.errors import RefusedError
from gonogo.model import MANIFEST, Backup, BackupFile, Contents, TableContent

SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that a pattern describes, in words for people."""

    pattern: str
    words: str


@dataclass(frozen=True, slots=True)
class _Maybe:
    """Something or null."""

    form: Any


@dataclass(frozen=True, slots=True)
class _Table:
    """An object with any keys and values of one form."""

    form: Any


_ANY = _Text(r"(?s).*", "a text")
_SHA = _Text(r"[0-9a-f]{64}", "64 hexadecimal digits")
_SUM = _Text(r"-?\d+", "a whole number in quotes")
_TIME = _Text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "a time like 2026-11-21T02:30:00Z")
_VERSION = _Text(r"\d+\.\d+|\d+(devel|beta\d+|rc\d+)", "a version like 18.4")
_SEQUENCES = [(_ANY, _ANY, _Maybe(int))]
_CONTENTS = {
    "schema_revision": _Maybe(_ANY),
    "facts": {
        "database": _ANY,
        "server_version": _VERSION,
        "encoding": _ANY,
        "locale": _Table(_Maybe(_ANY)),
        "extensions": _Table(_ANY),
        "roles": [_ANY],
        "memberships": [(_ANY, _ANY)],
        "objects": _Table(int),
    },
    "large_objects": {"count": int, "digest": _SUM},
    "sequences": _SEQUENCES,
    "sequences_after": _SEQUENCES,
    "tables": [{"schema": _ANY, "name": _ANY, "owner": _ANY, "rows": int, "digest": _SUM}],
}
_FORM = {
    "format": int,
    "name": _Text(r"[A-Za-z0-9][A-Za-z0-9._-]*", "a name of letters, digits, dot, dash and underscore"),
    "taken_at": _TIME,
    "finished_at": _TIME,
    "size_bytes": int,
    "database_bytes": int,
    "sha256": _SHA,
    "client_version": _VERSION,
    "compression": _ANY,
    "jobs": int,
    "files": [
        {
            "path": _Text(r"globals\.sql|dump/[A-Za-z0-9_.-]+", "dump/FILE or globals.sql"),
            "size_bytes": int,
            "sha256": _SHA,
        }
    ],
    **_CONTENTS,
}
_OLD_FORM = {
    "taken_at": _TIME,
    "sha256": _SHA,
    "size_bytes": int,
    "server_version": _VERSION,
    "schema_revision": _Maybe(_ANY),
    "row_counts": _Table(int),
}


def read(path: Path) -> Backup:
    """Return what a manifest says.

    Raises:
        RefusedError: it cannot be read, with every problem.
    """
    said, problems = _loaded(path)
    is_folder = path.name == MANIFEST
    problems = problems or list(_problems(said, _FORM if is_folder else _OLD_FORM, ""))
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


def _loaded(path: Path) -> tuple[Any, list[str]]:
    """Return a file's JSON, or why it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object), []
    except OSError as error:
        return None, [f"{path.name} cannot be read: {error.strerror}"]
    except (ValueError, RecursionError) as error:
        return None, [f"{path.name} is not a manifest: {error}"]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a key that stands there twice would hide a value."""
    names = [name for name, _ in pairs]
    if twice := _repeated(names):
        message = f"the key {', '.join(twice)} stands there twice"
        raise ValueError(message)
    return dict(pairs)


def _repeated(names: Sequence[str]) -> list[str]:
    """Return what is there more than once."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _problems(value: Any, form: Any, where: str) -> Iterator[str]:
    """Yield where a value is not of a form."""
    match form:
        case dict():
            yield from _of_fields(value, form, where)
        case _Table(each):
            yield from _of_parts(dict, value, dict.fromkeys(value, each) if isinstance(value, dict) else {}, where)
        case [each]:
            yield from _of_parts(list, value, dict.fromkeys(range(len(value)), each) if _is_list(value) else {}, where)
        case tuple():
            is_right = _is_list(value) and len(value) == len(form)
            yield from _of_parts(list, value if is_right else None, dict(enumerate(form)) if is_right else {}, where)
        case _Maybe(each):
            yield from () if value is None else _problems(value, each, where)
        case _:
            yield from _of_scalar(value, form, where)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _of_fields(value: Any, form: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the problems of an object with known fields."""
    if not isinstance(value, dict):
        yield f"{where or 'it'} is not an object"
        return
    prefix = f"{where}." if where else ""
    yield from (f"{prefix}{key} is missing" for key in form if key not in value)
    yield from (f"{prefix}{key} is unknown" for key in value if key not in form)
    for key in form.keys() & value.keys():
        yield from _problems(value[key], form[key], f"{prefix}{key}")


def _of_parts(kind: type[Any], value: Any, forms: Mapping[Any, Any], where: str) -> Iterator[str]:
    """Yield the problems of each value in an object or a list."""
    if not isinstance(value, kind):
        yield f"{where} is not {'an object' if kind is dict else 'a list of the right length'}"
        return
    for key, form in forms.items():
        yield from _problems(value[key], form, f"{where}[{key}]")


def _of_scalar(value: Any, form: Any, where: str) -> Iterator[str]:
    """Yield the problem of a number or a text."""
    if form is int:
        may_be_negative = "sequences" in where
        if not isinstance(value, int) or isinstance(value, bool) or (value < 0 and not may_be_negative):
            yield f"{where} is not a whole number"
    elif not isinstance(value, str) or not re.fullmatch(form.pattern, value):
        yield f"{where} is not {form.words}"
    elif form is _TIME:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{where} is no time that ever was: {value}"


def _contradictions(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a manifest says against itself."""
    if said["format"] != 2:  # noqa: PLR2004  # the only one that is a folder
        yield f"format {said['format']} is not known here: it was written by a newer version"
    paths = [each["path"] for each in said["files"]]
    tables = [repr((each["schema"], each["name"])) for each in said["tables"]]
    yield from (f"{path} is listed twice" for path in _repeated(paths))
    yield from (f"table {each} is listed twice" for each in _repeated(tables))
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
    said, _ = _loaded(path)
    return str(said["name"])
