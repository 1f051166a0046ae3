"""Who waited for a running migration: seen in the server's own lock table, timed to the moment of the release."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gonogo.adapters.trials.relations import Relations
from gonogo.model import Stall

Span = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiter:
    """A session that waits behind the migration, as one look at the server shows it.

    Attributes:
        since: when it began to wait, on the monotonic clock.
    """

    pid: int
    oid: int
    is_read: bool
    since: float


@dataclass(slots=True)
class _Wait:
    """One wait.

    Attributes:
        revision: that ran when it was seen first.
        seen: when it was seen last.
        beside: how many waited for the same with it, at most.
    """

    revision: str
    relation: str
    need: str
    pid: int
    began: float
    seen: float
    ended: float = 0.0
    beside: int = 1


@dataclass(slots=True)
class Stalls:
    """The waits behind one migration; fed in the order of time."""

    _open: dict[tuple[int, int], _Wait] = field(default_factory=dict)
    _waits: list[_Wait] = field(default_factory=list)
    _released: float = 0.0

    def seen(self, at: float, waiters: Iterable[Waiter], revision: str, relations: Relations) -> None:
        """Note who waits now."""
        known = [(each, table) for each in waiters if (table := relations.table(each.oid))]
        now: dict[tuple[int, int], _Wait] = {}
        for each, table in known:
            key = (each.pid, each.oid)
            wait = self._open.get(key)
            if wait is None or wait.ended:
                need = "read" if each.is_read else "write"
                wait = _Wait(
                    revision=revision, relation=table.label, need=need, pid=each.pid, began=each.since, seen=at
                )
                self._waits.append(wait)
            wait.seen = at
            now[key] = wait
        for key, wait in self._open.items():
            if key not in now and not wait.ended:
                wait.ended = at
        _count(now.values())
        self._open = now

    def released(self, at: float) -> None:
        """Note that the migration gave its locks back: whoever waited for them waits no longer."""
        for wait in self._open.values():
            wait.ended = wait.ended or at

    def of(
        self, revision: str, took: Callable[[float, float], float], clocks: Mapping[int, Iterable[Span]]
    ) -> tuple[Stall, ...]:
        """Return what was waited for while a revision ran, the longest of each kind.

        Args:
            revision: the revision.
            took: how long it was between two moments, on the migration's clock.
            clocks: when sessions of our own load began and ended what they did, which is more exact.
        """
        found: dict[tuple[str, str], Stall] = {}
        for wait in self._waits:
            if wait.revision == revision:
                key = (wait.relation, wait.need)
                began, ended = _by_clock(wait, clocks)
                former = found.get(key)
                found[key] = Stall(
                    relation=wait.relation,
                    need=wait.need,
                    sessions=max(wait.beside, former.sessions if former else 0),
                    longest_s=max(took(began, ended), former.longest_s if former else 0.0),
                )
        return tuple(sorted(found.values(), key=lambda each: -each.longest_s))


def _count(waits: Iterable[_Wait]) -> None:
    """Note with how many others each waits."""
    together: dict[tuple[str, str], list[_Wait]] = {}
    for wait in waits:
        together.setdefault((wait.relation, wait.need), []).append(wait)
    for group in together.values():
        for wait in group:
            wait.beside = max(wait.beside, len({each.pid for each in group}))


def _by_clock(wait: _Wait, clocks: Mapping[int, Iterable[Span]]) -> Span:
    """Return from when to when a session waited, by its own clock where it has one."""
    for began, ended in clocks.get(wait.pid, ()):
        if began <= wait.seen <= ended:
            return began, ended
    return wait.began, max(wait.ended, wait.seen)
