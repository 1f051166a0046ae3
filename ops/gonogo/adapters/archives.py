"""Dumps as pg_restore reads them: what an archive says of itself, and whether it can be read to its end."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gonogo.adapters import processes

_PATIENCE_S = 12 * 3600.0
_HEADER = re.compile(r"^;\s+(?P<key>[A-Za-z_ ]+?)(?:: | at )(?P<value>.*)$", re.MULTILINE)
_ENTRY = re.compile(r"^(?P<id>\d+); \d+ \d+ (?P<what>.*)$", re.MULTILINE)
_DATA = "TABLE DATA "


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What an archive says of itself.

    Attributes:
        created_at: by the clock of whoever dumped; None when it does not say so in UTC.
        tables: `schema name owner` of each table whose rows are in it.
        entries: the numbers of all entries.
    """

    created_at: datetime | None
    database: str
    server_version: str
    client_version: str
    tables: tuple[str, ...]
    entries: tuple[int, ...]


def listing(program: str, dump: Path) -> Listing | str:
    """Return what an archive says of itself, or why it cannot be read."""
    done = processes.run((program, "--list", str(dump)), cwd=dump.parent, env={"TZ": "UTC"})
    if done.code != 0:
        return done.last_words
    header, _, entries = done.stdout.partition("; Selected TOC Entries:")
    said = {found["key"]: found["value"] for found in _HEADER.finditer(header)}
    found = list(_ENTRY.finditer(entries))
    return Listing(
        created_at=_moment(said.get("Archive created", "")),
        database=said.get("dbname", ""),
        server_version=said.get("Dumped from database version", "").partition(" ")[0],
        client_version=said.get("Dumped by pg_dump version", "").partition(" ")[0],
        tables=tuple(each["what"].removeprefix(_DATA) for each in found if each["what"].startswith(_DATA)),
        entries=tuple(int(each["id"]) for each in found),
    )


def spelled(*words: str) -> str:
    """Return names as a listing spells them: on one line."""
    return " ".join(re.sub(r"[\r\n]", " ", each) for each in words)


def decoded(program: str, dump: Path, entries: Sequence[int]) -> Iterator[str]:
    """Read a dump to its end, a part on each CPU, and yield why it cannot be."""
    if not dump.is_dir():
        done = processes.run((program, "--file", os.devnull, str(dump)), cwd=dump.parent, timeout_s=_PATIENCE_S)
        yield from (done.last_words,) if done.code else ()
        return
    parts = _parts(dump, entries)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(parts)) as pool:
        lists = [Path(folder) / str(number) for number in range(len(parts))]
        for path, part in zip(lists, parts, strict=True):
            path.write_text("".join(f"{each};\n" for each in part), encoding="ascii")
        yield from sorted({said for said in pool.map(lambda path: _decoded(program, dump, path), lists) if said})


def _decoded(program: str, dump: Path, chosen: Path) -> str:
    """Read some entries of a dump to their end; return why it cannot be done, nothing when it can."""
    command = (program, "--use-list", str(chosen), "--file", os.devnull, str(dump))
    done = processes.run(command, cwd=dump.parent, timeout_s=_PATIENCE_S)
    return done.last_words if done.code else ""


def _parts(dump: Path, entries: Sequence[int]) -> list[list[int]]:
    """Return entries in parts of about the same size, one for each CPU; an entry's number is its file's name."""
    sizes = {each.name.partition(".")[0]: each.stat().st_size for each in dump.iterdir() if each.is_file()}
    parts: list[tuple[int, list[int]]] = [(0, []) for _ in range(os.cpu_count() or 1)]
    for entry in sorted(entries, key=lambda each: sizes.get(str(each), 0), reverse=True):
        total, smallest = min(parts, key=lambda part: part[0])
        parts[parts.index((total, smallest))] = (total + sizes.get(str(entry), 0) + 1, [*smallest, entry])
    return [part for _, part in parts if part] or [[]]


def _moment(text: str) -> datetime | None:
    """Return a listing's time; None when it is in no form that is known."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:UTC|GMT)", text)
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
