"""The watched pass: pending revisions applied as in production, beside a load, each lock noted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from gonogo.adapters.trials import catalogs, load_script, relations, watching
from gonogo.adapters.trials.child import Child, Message, Runner
from gonogo.adapters.trials.load import Load, Pressure
from gonogo.adapters.trials.pauses import Pauses
from gonogo.adapters.trials.stalls import Stalls
from gonogo.adapters.trials.tracking import Run, Tracker
from gonogo.adapters.trials.watching import Watcher
from gonogo.model import Revision, Traced

_WORDS = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][\w$]*)')
_SHARED = (
    "env.py runs all pending revisions in one transaction: what one of them locks stays locked until the last is done; "
    "transaction_per_migration=True would give it back after each"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What the watched pass showed.

    Attributes:
        stages: what was there at `start`, then after each revision.
        touched: by revision, the oids of the tables that it may have changed.
        version_table: Alembic's own.
        pauses: when the migration stood still for the looks.
    """

    traced: tuple[Traced, ...]
    stages: tuple[catalogs.Catalog, ...] = ()
    touched: Mapping[str, frozenset[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    version_table: str = "alembic_version"
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def is_whole(self) -> bool:
        """Return whether no revision failed."""
        return not any(each.problem for each in self.traced)


def trace(runner: Runner, database: str, pending: Sequence[Revision], pressure: Pressure) -> Trace:
    """Return what happened when pending revisions were applied to a copy.

    Args:
        runner: whose migrations.
        database: the copy's URL; at its end it has the revisions.
        pending: oldest first.
        pressure: the load beside them.
    """
    with (
        runner.on(database, catalog=catalogs.QUERIES) as child,
        psycopg.connect(database, autocommit=True) as own,
        psycopg.connect(database, autocommit=True) as beside,
    ):
        tracing = Tracing(own, beside, Load(database, pressure), pressure)
        checkout = runner.project.checkout
        words = tuple(word.format(python=checkout.python) for word in pressure.script)
        with tracing.running(), load_script.running(words, cwd=checkout.path, database=database) as script:
            problem = _applied(child, tracing, pending)
        found = tracing.result(pending, problem)
        return replace(found, notes=(*found.notes, script.note)) if script.note else found


def _applied(child: Child, tracing: "Tracing", pending: Sequence[Revision]) -> str:
    """Apply everything that is pending; return why it stopped."""
    order = {"verb": "upgrade", "revision": pending[-1].id}
    return str(child.obey(order, tracing.hear)["problem"])


class Tracing:
    """Listens to a migration that stands still, and looks at the server meanwhile."""

    def __init__(self, own: psycopg.Connection, beside: psycopg.Connection, load: Load, pressure: Pressure) -> None:
        """Prepare.

        Args:
            own: a connection to the copy, for the looks while the migration stands still.
            beside: another one, for those while it runs.
            load: the load, not started yet.
            pressure: how much it is.
        """
        self._own = own
        self._load = load
        self._pressure = pressure
        self._tracker = Tracker()
        self._stalls = Stalls()
        self._watcher = Watcher(connection=beside, tracker=self._tracker, stalls=self._stalls, told=self._follow)
        self._catalogs = {"": catalogs.of(own)}
        self._sizes: list[int] = []
        self._stood = 0.0
        self._named: tuple[relations.Relation, ...] = ()
        self._version_table = ("", "alembic_version")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch and load while it lasts."""
        self._load.start()
        self._watcher.start()
        try:
            yield
        finally:
            self._watcher.stop()
            self._load.stop()
            self._sizes.append(self._size())

    def hear(self, message: Message) -> None:
        """Take what the migration says; it stands still until this returns."""
        self._watcher.stands()
        with self._watcher.lock:
            if self._stood:
                self._tracker.pauses.note(self._stood, float(message["resumed"]))
            self._stood = at = float(message["at"])
            {
                "begin": self._begin,
                "sending": self._sending,
                "sent": self._sent,
                "ending": self._ending,
                "ended": self._ended,
                "over": self._over,
                "left": self._left,
            }[message["what"]](at, message)
        if message["what"] != "over":  # then it looks into the catalog for us, which is no work of its own
            self._watcher.moves()

    def result(self, pending: Sequence[Revision], problem: str) -> Trace:
        """Return what was seen, a revision each; the last one failed when there is a problem."""
        runs = self._tracker.runs
        traced = [self._traced(index, run) for index, run in enumerate(runs)]
        if problem and traced and not runs[-1].over:
            traced[-1] = _failed(traced[-1], problem, self._tracker.stuck)
        elif problem:
            # Between two revisions: env.py itself, or the commit.
            following = pending[len(runs)] if len(runs) < len(pending) else pending[-1]
            traced = [*traced[: pending.index(following)], Traced(revision=following.id, seconds=0.0, problem=problem)]
        return Trace(
            traced=tuple(traced),
            stages=tuple(self._catalogs.values()),
            touched={run.revision: _touched(run) for run in runs},
            notes=tuple(self._notes()),
            version_table=self._version_table[1],
            pauses=self._tracker.pauses,
        )

    def _begin(self, at: float, message: Message) -> None:
        self._stalls.released(at) if self._tracker.run is None else None
        schema, table = self._version_table = message["version_table"]
        known = relations.known(self._own, without=(schema, table))
        self._watcher.pids = tuple({*self._watcher.pids, int(message["pid"])})
        is_first_try = self._tracker.run is None or self._tracker.run.revision != message["revision"]
        self._tracker.begin(message["revision"], at, known)
        if is_first_try:
            self._sizes.append(self._size())
        self._named = known.largest(self._pressure.tables)
        self._load.aim(self._named)

    def _sending(self, at: float, message: Message) -> None:
        self._watcher.pids = tuple({*self._watcher.pids, int(message["pid"])})
        granted = self._looked(at)
        self._tracker.seen(at, granted)
        self._tracker.sending(at, message["sql"], int(message["line"]), alone=bool(message["alone"]))
        run = self._tracker.run
        if run and (named := run.relations.named(_words(message["sql"]))):
            self._named = named
        self._follow(granted)

    def _sent(self, at: float, message: Message) -> None:
        del message
        granted = self._looked(at)
        self._tracker.sent(at, granted)
        self._follow(granted)

    def _ending(self, at: float, message: Message) -> None:
        del message
        self._tracker.seen(at, self._looked(at))

    def _ended(self, at: float, message: Message) -> None:
        del message
        self._tracker.ended(at)
        self._stalls.released(at)

    def _over(self, at: float, message: Message) -> None:
        del message
        self._tracker.over(at)

    def _left(self, at: float, message: Message) -> None:
        del at
        self._catalogs[message["revision"]] = catalogs.read(message)

    def _looked(self, at: float) -> Mapping[int, int]:
        seen = watching.look(self._own, self._watcher.pids)
        self._watcher.note(at, seen.waiters)
        return seen.granted

    def _follow(self, granted: Mapping[int, int]) -> None:
        """Lead the load to what is locked, and to what is about to be."""
        if run := self._tracker.run:
            held = [table for oid in granted if (table := run.relations.table(oid)) and table.kind in {"r", "p", "m"}]
            self._load.aim(tuple(dict.fromkeys([*self._named, *held])))

    def _size(self) -> int:
        row: Any = self._own.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0])

    def _traced(self, index: int, run: Run) -> Traced:
        """Return one revision."""
        before, after = list(self._catalogs.values())[index], self._catalogs.get(run.revision)
        return Traced(
            revision=run.revision,
            seconds=self._tracker.seconds(run),
            holds=self._tracker.holds(run),
            stalls=self._stalls.of(run.revision, self._tracker.pauses.between, self._load.clocks),
            rewrites=catalogs.rewrites(before, after) if after else (),
            growth_bytes=self._sizes[index + 1] - self._sizes[index],
        )

    def _notes(self) -> Iterator[str]:
        if self._tracker.is_shared:
            yield _SHARED
        for run in self._tracker.runs:
            if run.unseen:
                yield (
                    f"{run.revision}: {len(run.unseen)} of its statements outside of a transaction were over before "
                    f"any lock of theirs could be seen, the first: {' '.join(run.unseen[0].split())[:100]}"
                )


def _failed(traced: Traced, problem: str, line: int) -> Traced:
    """Return a revision with what it failed of, and where."""
    return Traced(
        revision=traced.revision,
        seconds=traced.seconds,
        holds=traced.holds,
        stalls=traced.stalls,
        growth_bytes=traced.growth_bytes,
        problem=f"line {line}: {problem}" if line else problem,
    )


def _touched(run: Run) -> frozenset[int]:
    """Return the tables on which a revision held more than a reader does."""
    return frozenset(each.oid for each in run.taken if each.strength >= _WRITES)


_WRITES = 3


def _words(statement: str) -> frozenset[str]:
    """Return everything in a statement that could be a table's name."""
    return frozenset(quoted or plain.lower() for quoted, plain in _WORDS.findall(statement))
