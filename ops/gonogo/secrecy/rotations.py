"""Which rotation replaces a variable's secret, and when each came to its end, by what the ledger says."""

from collections.abc import Iterable
from datetime import datetime

from gonogo import credentials
from gonogo.model import Entry, EntryKind

# By the name of a rotation, the variable whose secret it replaces.
_VARIABLES = {name: kind.variable or kind.own for name, kind in credentials.KINDS.items()}
_NAMES = {variable: name for name, variable in _VARIABLES.items()}


def named(variable: str) -> str:
    """Return the rotation that replaces a variable's secret; empty where a person does it by hand."""
    return _NAMES.get(variable, "")


def read(entries: Iterable[Entry]) -> dict[str, datetime]:
    """Return by variable when its last rotation came to its end, out of one release's entries, oldest first.

    A step notes `{"rotated": NAME}` before it is done: only its end says that the old secret was proven refused.
    """
    noted: dict[str | None, str] = {}
    found: dict[str, datetime] = {}
    for entry in entries:
        name = _name(entry)
        if name:
            noted[entry.step] = name
        if entry.kind is EntryKind.STEP_DONE and entry.step in noted:
            variable = _VARIABLES.get(noted[entry.step], noted[entry.step])
            found[variable] = max(entry.at, found.get(variable, entry.at))
    return found


def _name(entry: Entry) -> str:
    """Return which rotation an entry is about; empty for none."""
    notes = entry.data.get("notes")
    name = entry.data.get("rotated") or (notes.get("rotated") if isinstance(notes, dict) else None)
    return name if isinstance(name, str) else ""
