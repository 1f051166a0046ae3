"""The stairway: each pending revision taken back and applied again, on a copy with the data in it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg

from gonogo.adapters.trials import catalogs, counting, fingerprints
from gonogo.adapters.trials.child import Child, Runner
from gonogo.adapters.trials.copies import Copies
from gonogo.adapters.trials.tracing import Trace
from gonogo.model import Climb, Climbed, Lost, Revision

# Behind a revision without a way back, the copy is made and migrated anew to try the one before it.
_MOST_NEW_COPIES = 8
_NO_WAY = {
    "none": "it has no downgrade",
    "empty": "its downgrade is empty: the version would move, the schema would stay",
    "refuses": "its downgrade refuses",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Floor:
    """What there is below or above a revision."""

    schema: frozenset[str]
    catalog: catalogs.Catalog


def climb(
    runner: Runner, copies: Copies, pending: Sequence[Revision], trace: Trace, start: str | None
) -> tuple[Climbed, ...]:
    """Return each of the revisions that could be applied, taken back and applied again, newest first.

    Args:
        runner: whose migrations.
        copies: where another copy comes from.
        pending: those that could be applied to the first copy.
        trace: what was seen there.
        start: the revision that the copy begins at.
    """
    with ExitStack() as stack:
        stairs = _Stairs(runner, copies, stack, trace, pending, start)
        stairs.go_up()
        return tuple(stairs.go_down())


class _Stairs:
    """One copy, and where it is."""

    def __init__(  # noqa: PLR0917  # all of it is needed
        self,
        runner: Runner,
        copies: Copies,
        stack: ExitStack,
        trace: Trace,
        pending: Sequence[Revision],
        start: str | None,
    ) -> None:
        self._runner = runner
        self._copies = copies
        self._outer = stack
        self._trace = trace
        self._pending = pending
        self._starts = [start, *(each.id for each in pending)]
        self._floors: list[_Floor] = []
        self._lost_up: dict[str, tuple[Lost, ...]] = {}
        self._problem = ""
        self._carried: set[str] = set()
        self._new_copies = 0
        self._level = 0
        self._open()
        self._told: Mapping[str, Mapping[str, Any]] = self._child.obey(
            {"verb": "told", "revisions": [each.id for each in pending]}
        )["revisions"]

    def go_up(self) -> None:
        """Apply revision after revision, each alone as when it is deployed alone, and count what goes."""
        self._floors.append(self._floor())
        for level, revision in enumerate(self._pending):
            step = self._step(level, level + 1, revision)
            before = counting.counted(self._connection, self._floors[level].catalog, step)
            self._problem = self._child.upgrade(revision.id)
            if self._problem:
                self._level = -1
                return
            self._level = level + 1
            self._floors.append(self._floor())
            self._lost_up[revision.id] = counting.lost(self._connection, before, self._floors[-1].catalog)

    def go_down(self) -> Iterator[Climbed]:
        """Yield stair after stair, newest first."""
        reached = len(self._floors) - 1
        for level in range(len(self._pending) - 1, -1, -1):
            revision = self._pending[level]
            if level > reached:
                yield Climbed(revision=revision.id, climb=Climb.NOT_TRIED, problem="one before it cannot be applied")
            elif level == reached:
                problem = f"applied alone, after the ones before it were committed: {self._problem}"
                yield Climbed(revision=revision.id, climb=Climb.FAILS, problem=problem)
            else:
                yield self._stair(level, revision)

    def _stair(self, level: int, revision: Revision) -> Climbed:
        """Go down one revision, and up again, and down for the next."""
        lost_up = self._lost_up.get(revision.id, ())
        verdict, why = self._barred(level, revision)
        if not why and not self._stand_on(level + 1):
            verdict, why = Climb.NOT_TRIED, "too many after it have no way back to begin from"
        if why:
            return Climbed(revision=revision.id, climb=verdict, lost_up=lost_up, problem=why)
        below, above = self._floors[level], self._floors[level + 1]
        before = counting.counted(self._connection, self._floor().catalog, self._step(level + 1, level, revision))
        if problem := self._go(level, revision, "down"):
            return Climbed(revision=revision.id, climb=Climb.FAILS, lost_up=lost_up, problem=problem)
        found = self._compared(below.schema, "after the way down")
        lost_down = counting.lost(self._connection, before, catalogs.of(self._connection))
        problem = self._go(level + 1, revision, "up again")
        if not problem:
            found += self._compared(above.schema, "after the way up again")
            if level and (problem := self._go(level, revision, "down a second time")):
                self._level = -1
        climbed = Climb.FAILS if problem else Climb.LEAVES_TRACES if found else Climb.OK
        return Climbed(
            revision=revision.id,
            climb=climbed,
            differences=tuple(found),
            lost_up=lost_up,
            lost_down=lost_down,
            problem=problem,
        )

    def _barred(self, level: int, revision: Revision) -> tuple[Climb, str]:
        """Return why a revision's way back is not tried; empty when it is."""
        told = self._told[revision.id]
        if told["reversible"] is False:
            return Climb.NO_DOWNGRADE, "it declares reversible = False"
        is_same = not any(fingerprints.differences(self._floors[level].schema, self._floors[level + 1].schema))
        if told["way"] in {"none", "refuses"} or (told["way"] == "empty" and not told["reversible"] and not is_same):
            return Climb.NO_DOWNGRADE, _NO_WAY[told["way"]]
        parent = self._starts[level]
        if told["down"] != ([parent] if parent else []):
            return Climb.NOT_TRIED, f"it does not come after {parent or 'nothing'} alone: branches are not climbed"
        return Climb.OK, ""

    def _stand_on(self, level: int) -> bool:
        """Bring the copy to a level, anew where it is on another; return whether it is there."""
        if self._level == level:
            return True
        if self._new_copies >= _MOST_NEW_COPIES:
            return False
        self._new_copies += 1
        self._inner.close()
        self._carried.clear()
        self._open()
        if self._child.upgrade(self._pending[level - 1].id):
            self._level = -1
            return False
        self._level = level
        return True

    def _go(self, level: int, revision: Revision, way: str) -> str:
        """Go to a level, and return why that failed, in words."""
        to = self._starts[level]
        is_up = way.startswith("up")
        problem = self._child.upgrade(revision.id) if is_up else self._child.downgrade(to)
        self._level = -1 if problem else level
        return f"{way}: {problem}" if problem else ""

    def _compared(self, wanted: frozenset[str], when: str) -> list[str]:
        """Return how the schema differs from what was wanted, but for what a later revision has left there already."""
        found = fingerprints.differences(wanted, self._schema())
        new = [each for each in found if each not in self._carried]
        self._carried.update(new)
        return [f"{when}, {each}" for each in new]

    def _step(self, start: int, end: int, revision: Revision) -> counting.Step:
        """Return what a revision changes, as the first copy has shown it."""
        stages = self._trace.stages
        more = self._trace.touched.get(revision.id, frozenset())
        return counting.step(stages[start], stages[end], more, without=self._trace.version_table)

    def _floor(self) -> _Floor:
        return _Floor(schema=self._schema(), catalog=catalogs.of(self._connection))

    def _schema(self) -> frozenset[str]:
        return fingerprints.fingerprint(self._connection, without=self._trace.version_table)

    def _open(self) -> None:
        """Make the copy anew, with a process that migrates it."""
        self._inner = self._outer.enter_context(ExitStack())
        copy = self._inner.enter_context(self._copies.clone("s"))
        self._connection = self._inner.enter_context(psycopg.connect(copy.url, autocommit=True))
        self._child: Child = self._inner.enter_context(self._runner.on(copy.url))
        self._level = 0
