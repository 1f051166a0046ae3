"""The WAL archive: which files it holds, where one is missing, and which can be read.

Files are named as PostgreSQL names them, with `.gz` behind where they are compressed.
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from gonogo.adapters.physical import places
from gonogo.errors import RefusedError
from gonogo.model import WalRun

_FILE = re.compile(r"([0-9A-F]{24})(\.gz)?")
_HISTORY = re.compile(r"([0-9A-F]{8})\.history(\.gz)?")
_BRANCH = re.compile(r"^\s*(\d+)\s+([0-9A-F]+/[0-9A-F]+)", re.MULTILINE)
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """What is in an archive.

    Attributes:
        files: WAL files by their names.
        histories: of timelines, by their numbers.
        twice: names that are there compressed and not.
    """

    folder: Path
    files: dict[str, Path]
    histories: dict[int, Path]
    twice: tuple[str, ...] = ()


def read(folder: Path) -> Archive:
    """Return what is in an archive.

    Raises:
        RefusedError: it cannot be looked into.
    """
    try:
        there = sorted(folder.iterdir())
    except OSError as error:
        message = f"the WAL archive cannot be read: {error.strerror}"
        hint = "mount it here, or set backups.wal in gonogo.toml to where it is"
        raise RefusedError("wal-archive-away", message, where=str(folder), hint=hint) from None
    found = [(each, match) for each in there if (match := _FILE.fullmatch(each.name))]
    histories = {int(match[1], 16): each for each in there if (match := _HISTORY.fullmatch(each.name))}
    files = {match[1]: each for each, match in found}
    twice = tuple(match[1] for _, match in found if match[2] and (folder / match[1]).exists())
    return Archive(folder=folder, files=files, histories=histories, twice=twice)


def runs(archive: Archive, segment_bytes: int) -> tuple[WalRun, ...]:
    """Return the files of each timeline, those without a gap between them together."""
    found: list[list[str]] = []
    for name in sorted(archive.files):
        if found and _follows(found[-1][-1], name, segment_bytes):
            found[-1].append(name)
        else:
            found.append([name])
    return tuple(WalRun(first=each[0], last=each[-1], count=len(each)) for each in found)


def gaps(found: tuple[WalRun, ...], archive: Archive, segment_bytes: int) -> Iterator[str]:
    """Yield where files are missing, in words."""
    for before, after in pairwise(found):
        timeline = places.timeline_of(before.first)
        if timeline == places.timeline_of(after.first):
            first = places.number_of(before.last, segment_bytes) + 1
            last = places.number_of(after.first, segment_bytes) - 1
            names = [places.file_name(timeline, each, segment_bytes) for each in sorted({first, last})]
            yield f"{last - first + 1} WAL file(s) are missing: {' to '.join(names)}"
    timelines = sorted({places.timeline_of(each.first) for each in found} - {1} - archive.histories.keys())
    yield from (f"{each:08X}.history is missing: nobody can tell where timeline {each} begins" for each in timelines)
    yield from (f"{each} is there twice, compressed and not" for each in archive.twice)


def branches(archive: Archive, timeline: int) -> dict[int, int]:
    """Return where each earlier timeline on the way to one ends.

    Raises:
        RefusedError: its history is missing, or cannot be read.
    """
    if timeline == 1:
        return {}
    path = archive.histories.get(timeline)
    if path is None:
        message = f"{timeline:08X}.history is not in the archive: timeline {timeline} is not known"
        raise RefusedError("wal-missing", message, where=str(archive.folder))
    try:
        text = b"".join(_chunks(path)).decode()
    except (OSError, ValueError, EOFError, zlib.error):
        raise RefusedError("wal-missing", f"{path.name} cannot be read", where=str(archive.folder)) from None
    return {int(each[1]): places.parsed(each[2]) or 0 for each in _BRANCH.finditer(text)}


def unreadable(archive: Archive, names: Iterable[str], segment_bytes: int) -> Iterator[tuple[str, str]]:
    """Yield which files are not whole, each with why."""
    for name in names:
        if words := _damage(archive.files[name], segment_bytes):
            yield name, f"{archive.files[name].name} {words}"


def _damage(path: Path, segment_bytes: int) -> str:
    """Return why a file is not whole; empty when it is."""
    try:
        size = sum(len(each) for each in _chunks(path))
    except (OSError, EOFError, zlib.error) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return "" if size == segment_bytes else f"holds {size} bytes, not {segment_bytes}"


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, uncompressed."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _follows(before: str, after: str, segment_bytes: int) -> bool:
    """Return whether nothing is missing between two files of one timeline."""
    if places.timeline_of(before) != places.timeline_of(after):
        return False
    return places.number_of(after, segment_bytes) == places.number_of(before, segment_bytes) + 1
