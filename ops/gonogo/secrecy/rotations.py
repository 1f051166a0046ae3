"""When secrets were replaced, by what the ledger says."""

from collections.abc import Iterable
from datetime import datetime

from gonogo.model import Entry, EntryKind

# An entry that is written before the effect says nothing of its end.
_ENDS = {EntryKind.STEP_DONE, EntryKind.RELEASE_ENDED}


def read(entries: Iterable[Entry]) -> dict[str, datetime]:
    """Return by variable when its last rotation came to its end; an entry says so with `{"rotated": NAME}`."""
    found: dict[str, datetime] = {}
    for entry in entries:
        name = entry.data.get("rotated") or _among(entry.data.get("evidence"))
        if isinstance(name, str) and name and entry.kind in _ENDS:
            found[name] = max(entry.at, found.get(name, entry.at))
    return found


def _among(evidence: object) -> object:
    """Return what a step's evidence says of it."""
    return evidence.get("rotated") if isinstance(evidence, dict) else None
