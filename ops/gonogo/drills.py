"""Drills in the ledger: which backups are proven, since when. Pure.

A drill is an entry of its own, in a stream beside the releases: `stream` names it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gonogo.model import Drill, Entry, EntryKind

_DRILL = "drill"


def stream(environment: str) -> str:
    """Return the id under which an environment's drills are kept."""
    return f"drills-{environment}"


def entry(drill: Drill) -> Entry:
    """Return a drill as an entry of its environment's stream."""
    times = {name: value.isoformat() for name, value in asdict(drill).items() if isinstance(value, datetime)}
    data = {**asdict(drill), **times, "problems": list(drill.problems)}
    return Entry(release_id=stream(drill.environment), at=drill.ended_at, kind=EntryKind.DRILLED, data={_DRILL: data})


def held(entries: Iterable[Entry]) -> tuple[Drill, ...]:
    """Return the drills of a stream, oldest first."""
    return tuple(_read(each.data[_DRILL]) for each in entries if _DRILL in each.data)


def proven(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the names of the backups that a drill has proven, oldest proof first."""
    yield from (each.backup for each in held(entries) if each.is_good)


def _read(data: Any) -> Drill:  # JSON from the ledger
    taken = data["taken_at"]
    return Drill(
        **{
            **data,
            "taken_at": datetime.fromisoformat(taken) if taken else None,
            "started_at": datetime.fromisoformat(data["started_at"]),
            "ended_at": datetime.fromisoformat(data["ended_at"]),
            "problems": tuple(data["problems"]),
        }
    )
