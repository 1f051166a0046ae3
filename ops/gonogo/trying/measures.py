"""What a trial measured, summed up: who had to wait for what and for how long; prediction beside reality."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from gonogo.model import Compared, Hold, LockMode, MigrationRun, Traced, Trial

_ORDER = tuple(LockMode)
_NEEDS: Mapping[str, Callable[[LockMode], bool]] = {
    "read": lambda mode: mode.blocks_reads,
    "write": lambda mode: mode.blocks_writes,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """The longest that nobody could read, or write, one relation during a revision.

    Attributes:
        need: `read` or `write`.
        mode: the strongest lock meanwhile.
        seconds: from the first lock that stopped it to the last, without a gap.
        first: the lock that began it.
    """

    relation: str
    need: str
    mode: LockMode
    seconds: float
    first: Hold


def held(traced: Traced) -> tuple[Wait, ...]:
    """Return each relation's strongest lock with its longest hold, the strongest and longest first.

    `need` is empty where neither readers nor writers wait for it.
    """
    found = []
    for relation, holds in _by_relation(traced.holds):
        mode = max((hold.mode for hold in holds), key=_ORDER.index)
        longest = max(_stretches([hold for hold in holds if hold.mode is mode]), key=lambda wait: wait.seconds)
        need = "read" if mode.blocks_reads else "write" if mode.blocks_writes else ""
        found.append(Wait(relation=relation, need=need, mode=mode, seconds=longest.seconds, first=longest.first))
    return tuple(sorted(found, key=lambda wait: (-_ORDER.index(wait.mode), -wait.seconds, wait.relation)))


def waits(traced: Traced) -> tuple[Wait, ...]:
    """Return the longest wait of each relation and need; none for a relation that could be read and written."""
    return tuple(wait for relation, holds in _by_relation(traced.holds) for wait in _longest(holds))


def compared(trial: Trial | None, pending: Sequence[str], runs: Iterable[MigrationRun]) -> tuple[Compared, ...]:
    """Return how long each revision took beside how long the trial said that it would.

    Args:
        trial: what was foreseen; None where nothing was.
        pending: the revisions that were applied, oldest first.
        runs: what the database keeps of migrations that ran, in any order; the newest of a revision counts.
    """
    foreseen = {each.revision: each.seconds for each in trial.traced if not each.problem} if trial else {}
    newest = {run.revision: run for run in sorted(runs, key=lambda run: run.began_at) if run.direction == "up"}
    return tuple(
        Compared(
            revision=each,
            predicted_s=foreseen.get(each),
            took_s=newest[each].seconds if each in newest else None,
            attempts=newest[each].attempts if each in newest else 0,
        )
        for each in pending
    )


def _by_relation(holds: Sequence[Hold]) -> Iterator[tuple[str, list[Hold]]]:
    """Yield each relation with its holds in the order in which they began."""
    ordered = sorted(holds, key=lambda hold: (hold.relation, hold.began_s))
    for relation, group in groupby(ordered, key=lambda hold: hold.relation):
        yield relation, list(group)


def _longest(holds: Sequence[Hold]) -> Iterator[Wait]:
    """Yield the longest wait for reading, and for writing, of one relation."""
    for need, stops in _NEEDS.items():
        stretches = [
            Wait(relation=each.relation, need=need, mode=each.mode, seconds=each.seconds, first=each.first)
            for each in _stretches([hold for hold in holds if stops(hold.mode)])
        ]
        yield from sorted(stretches, key=lambda wait: -wait.seconds)[:1]


def _stretches(holds: Sequence[Hold]) -> Iterator[Wait]:
    """Yield the stretches of time that holds of one relation cover, which follow each other by their beginnings."""
    group: list[Hold] = []
    for hold in holds:
        if group and hold.began_s > max(each.ended_s for each in group):
            yield _stretch(group)
            group = []
        group.append(hold)
    if group:
        yield _stretch(group)


def _stretch(group: Sequence[Hold]) -> Wait:
    """Return one stretch of time."""
    mode = max((hold.mode for hold in group), key=_ORDER.index)
    first = group[0]
    seconds = max(hold.ended_s for hold in group) - first.began_s
    return Wait(relation=first.relation, need="", mode=mode, seconds=seconds, first=first)
