"""How a moment can be reached: by which backups, and by which WAL after them."""

import shutil
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from gonogo.adapters.physical import chains, places, wal
from gonogo.errors import RefusedError
from gonogo.model import Moment, PhysicalBackup, RecoveryRoute, RecoveryWish

_SPARE_BYTES = 256 << 20


def route(folder: Path, archive: Path | None, wish: RecoveryWish) -> RecoveryRoute:
    """Return how a moment can be reached; everything that is needed is there, and the WAL can be read.

    Raises:
        RefusedError: it cannot.
    """
    refuse_taken(wish.into)
    chain = chains.chain(_last(folder, wish))
    names: tuple[str, ...] = ()
    if archive is None or wish.moment.is_backup:
        reason = "" if wish.moment.is_backup else "no archive is set: backups.wal in gonogo.toml"
    else:
        names, reason = _needed(wal.read(archive), chain[-1], wish)
    _refuse_short(chain[-1], names, reason, wish.moment)
    size = sum(each.size_bytes for each in chain) + len(names) * chain[-1].segment_bytes + _SPARE_BYTES
    return RecoveryRoute(chain=chain, wal=names, reason=reason, needed_bytes=size)


def refuse_taken(into: Path) -> None:
    """Refuse a folder that holds anything.

    Raises:
        RefusedError: it does.
    """
    is_free = not into.exists() or (into.is_dir() and not into.is_symlink() and not any(into.iterdir()))
    if not is_free:
        what = "holds a cluster" if (into / "PG_VERSION").exists() else "is not empty"
        why = "a recovery never writes over anything: what is there may be the only copy"
        raise RefusedError("place-taken", f"{into} {what}", why=why, hint="name a folder that is not there yet")


def refuse_without_room(found: RecoveryRoute, into: Path) -> None:
    """Refuse when the disk has less room than a recovery takes.

    Raises:
        RefusedError: it has.
    """
    existing = next(each for each in (into, *into.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    if free < found.needed_bytes:
        message = f"{free >> 20} MiB are free, about {found.needed_bytes >> 20} MiB are needed"
        raise RefusedError("recovery-failed", message, where=str(existing), hint="free space, or name another folder")


def _last(folder: Path, wish: RecoveryWish) -> PhysicalBackup:
    """Return the backup that a recovery starts from: the newest that ends before the moment.

    Raises:
        RefusedError: there is none.
    """
    found = chains.readable(folder)
    if wish.name:
        found = [each for each in found if each.name == wish.name]
    if not found:
        message = f"there is no backup {wish.name}" if wish.name else "there is no physical backup"
        raise RefusedError("no-backup", message, where=str(folder), hint="invoke backup.run")
    fitting = [each for each in found if _ends_before(each, wish)]
    if not fitting:
        first = found[0]
        message = f"the moment is from before the end of {first.name}, {places.spelled(first.stop_lsn)} at"
        message = f"{message} {first.finished_at:%Y-%m-%dT%H:%M:%SZ}: no backup here reaches it"
        raise RefusedError("moment-too-early", message, hint="name a later moment, or fetch an earlier backup")
    return fitting[-1]


def _ends_before(backup: PhysicalBackup, wish: RecoveryWish) -> bool:
    """Return whether a backup can be the beginning of what is wished."""
    if wish.timeline and backup.timeline > wish.timeline:
        return False
    if wish.moment.at:
        return backup.finished_at <= wish.moment.at
    return wish.moment.lsn is None or backup.stop_lsn <= wish.moment.lsn


def _needed(archive: wal.Archive, last: PhysicalBackup, wish: RecoveryWish) -> tuple[tuple[str, ...], str]:
    """Return the WAL files after a backup up to the moment, in order, and why they end where more was expected."""
    size = last.segment_bytes
    timeline = wish.timeline or max((*archive.histories, last.timeline))
    ends = wal.branches(archive, timeline)
    if timeline != last.timeline and ends.get(last.timeline, 0) < last.stop_lsn:
        message = f"timeline {timeline} does not go on from {last.name}, which is of timeline {last.timeline}"
        hint = f"choose another backup with --name, or --timeline {last.timeline}"
        raise RefusedError("wrong-timeline", message, where=str(archive.folder), hint=hint)
    line = {each: end for each, end in ends.items() if each >= last.timeline}
    # An older timeline may go on in the archive beyond where this one left it: that is not on the way.
    there_at = ((each, places.number_of(each, size)) for each in archive.files)
    numbers = (number for each, number in there_at if each == _name(number, line, timeline, size))
    start = places.last_number(last.stop_lsn, size)
    end = places.number(wish.moment.lsn, size) if wish.moment.lsn is not None else max(numbers, default=start - 1)
    wanted = [_name(number, line, timeline, size) for number in range(start, end + 1)]
    there = list(takewhile(archive.files.__contains__, wanted))
    reason = f"{wanted[len(there)]} is not in the archive" if len(there) < len(wanted) else ""
    bad = next(wal.unreadable(archive, there, size), None)
    if bad:
        there, reason = there[: there.index(bad[0])], bad[1]
    return tuple(there), reason


def _name(number: int, line: dict[int, int], timeline: int, size: int) -> str:
    """Return the name of a WAL file on the way to a timeline: of the newest one that has it."""
    over = [each for each, end in line.items() if number < places.number(end, size)]
    return places.file_name(min(over, default=timeline), number, size)


def _refuse_short(last: PhysicalBackup, names: tuple[str, ...], reason: str, moment: Moment) -> None:
    """Refuse a moment that the WAL does not reach.

    Raises:
        RefusedError: it does not, as far as that can be known before it is replayed.
    """
    end = (places.number_of(names[-1], last.segment_bytes) + 1) * last.segment_bytes if names else last.stop_lsn
    is_short = moment.lsn is not None and end < moment.lsn
    is_latest = moment.at is None and moment.lsn is None and not moment.is_backup
    if moment.at and moment.at > datetime.now(UTC):
        raise RefusedError("moment-too-late", f"{moment.at:%Y-%m-%dT%H:%M:%SZ} is in the future")
    if reason and (is_short or (is_latest and "is set" not in reason)):
        message = f"{reason}: WAL can be replayed up to {places.spelled(end)}"
        hint = f"put the file back, or take what there is: --to {places.spelled(end - 1)}, or --to backup"
        raise RefusedError("wal-missing", message, where=last.name, why="all that came after it is lost", hint=hint)
