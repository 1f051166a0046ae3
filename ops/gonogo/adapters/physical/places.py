"""Places in the WAL, as PostgreSQL spells them, and the files that they are in."""

import re

_LSN = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})", re.IGNORECASE)
SEGMENT = re.compile(r"[0-9A-F]{24}")
_LOG_BYTES = 1 << 32


def parsed(text: str) -> int | None:
    """Return a place; None when it is not spelled as one."""
    found = _LSN.fullmatch(text)
    return (int(found[1], 16) << 32) + int(found[2], 16) if found else None


def spelled(lsn: int) -> str:
    """Return a place as PostgreSQL spells it."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def number(lsn: int, segment_bytes: int) -> int:
    """Return the number of the file that a place is in."""
    return lsn // segment_bytes


def last_number(end: int, segment_bytes: int) -> int:
    """Return the number of the last file that is needed up to a place."""
    return (end - 1) // segment_bytes


def file_name(timeline: int, number_: int, segment_bytes: int) -> str:
    """Return a WAL file's name."""
    each = _LOG_BYTES // segment_bytes
    return f"{timeline:08X}{number_ // each:08X}{number_ % each:08X}"


def timeline_of(name: str) -> int:
    """Return the timeline in a WAL file's name."""
    return int(name[:8], 16)


def number_of(name: str, segment_bytes: int) -> int:
    """Return the number in a WAL file's name."""
    return int(name[8:16], 16) * (_LOG_BYTES // segment_bytes) + int(name[16:], 16)
