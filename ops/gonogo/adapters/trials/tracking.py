"""What was seen of the locks of a running migration, put together: which revision held what, from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.adapters.trials.pauses import Pauses
from gonogo.adapters.trials.relations import Relations
from gonogo.model import Hold, LockMode

MODES = tuple(LockMode)
# How pg_locks names them: `AccessExclusiveLock`.
STRENGTH = {"".join(word.title() for word in mode.split()) + "Lock": index for index, mode in enumerate(MODES, 1)}


@dataclass(slots=True)
class _Taken:
    """A lock that was seen; not given back while `ended` is 0."""

    oid: int
    strength: int
    began: float
    statement: str
    line: int
    ended: float = 0.0


@dataclass(slots=True)
class Run:
    """One revision while it is watched, in moments of the monotonic clock.

    Attributes:
        over: when it had sent everything.
        committed: when a transaction of its own ended after that; 0 where others went on in it.
        unseen: what ran outside of a transaction too briefly for any lock to be seen.
    """

    revision: str
    began: float
    relations: Relations
    taken: list[_Taken] = field(default_factory=list)
    over: float = 0.0
    committed: float = 0.0
    unseen: list[str] = field(default_factory=list)


class Tracker:
    """Follows one migration; fed in the order of time.

    Attributes:
        is_shared: whether revisions ran in one transaction with others.
        is_alone: whether the statement that runs is its own transaction.
        stuck: the line of the last statement that did not come back; 0 when all did.
    """

    def __init__(self) -> None:
        """Begin before the first revision."""
        self.pauses = Pauses()
        self.runs: list[Run] = []
        self.statement = ""
        self.line = 0
        self.stuck = 0
        self.is_shared = False
        self.is_alone = False
        self._is_blind = False
        self._looked = 0.0
        self._open: dict[int, list[_Taken]] = {}

    @property
    def run(self) -> Run | None:
        """Return the revision that runs."""
        return self.runs[-1] if self.runs else None

    def begin(self, revision: str, at: float, relations: Relations) -> None:
        """Note that a revision begins, or is tried again after its transaction was rolled back."""
        former = self.run
        if former and former.revision == revision and not former.over:
            former.relations = Relations({**former.relations.known, **relations.known})
            return
        if former and not former.committed:
            self.is_shared = True
        self.runs.append(Run(revision=revision, began=at, relations=relations))
        self._looked = at

    def sending(self, at: float, sql: str, line: int, *, alone: bool) -> None:
        """Note that a statement is about to be sent; alone where it is its own transaction."""
        self.statement, self.line, self._looked = sql, line, at
        self.stuck = line
        self.is_alone, self._is_blind = alone, alone

    def seen(self, at: float, granted: Mapping[int, int]) -> None:
        """Note which locks are held: the strongest on each relation, by oid.

        What is held now and was not at the last look was taken after that: by the statement that runs.
        """
        for oid, strength in granted.items():
            self._see(oid, strength, at)
        for oid in list(self._open):
            self._give_back(oid, at, down_to=granted.get(oid, 0))
        self._looked = at

    def sent(self, at: float, granted: Mapping[int, int]) -> None:
        """Note that the statement has come back, and what is held now."""
        self.seen(at, granted)
        if self.is_alone and self._is_blind and self.run:
            self.run.unseen.append(self.statement)
        self.statement, self.line, self.is_alone = "", 0, False
        self.stuck = 0

    def ended(self, at: float) -> None:
        """Note that the transaction is over: everything is given back."""
        for oid in list(self._open):
            self._give_back(oid, at, down_to=0)
        self.statement, self.line = "", 0
        self._looked = at
        if self.run and self.run.over:
            self.run.committed = self.run.committed or at

    def over(self, at: float) -> None:
        """Note that a revision has sent everything."""
        if self.run:
            self.run.over = at

    def holds(self, run: Run) -> tuple[Hold, ...]:
        """Return what a revision held, in the order in which it took it, in seconds of the migration's own time."""
        return tuple(self._hold(run, taken) for taken in run.taken if taken.ended)

    def seconds(self, run: Run) -> float:
        """Return how long a revision took, to its commit where that was its own."""
        return self.pauses.between(run.began, run.committed or run.over or self._looked)

    def _see(self, oid: int, strength: int, at: float) -> None:
        run = self.run
        relation = run.relations.of(oid) if run else None
        if run is None or relation is None or not relation.is_noted(strength):
            return
        self._is_blind = False
        stack = self._open.setdefault(oid, [])
        if stack and stack[-1].strength >= strength:
            return
        began = min(self._looked, at)
        taken = _Taken(oid=oid, strength=strength, began=began, statement=self.statement, line=self.line)
        stack.append(taken)
        run.taken.append(taken)

    def _give_back(self, oid: int, at: float, *, down_to: int) -> None:
        stack = self._open[oid]
        while stack and stack[-1].strength > down_to:
            stack.pop().ended = at
        if not stack:
            del self._open[oid]

    def _hold(self, run: Run, taken: _Taken) -> Hold:
        relation = run.relations.known[taken.oid]
        return Hold(
            relation=relation.label,
            mode=MODES[taken.strength - 1],
            began_s=self.pauses.between(run.began, taken.began),
            ended_s=self.pauses.between(run.began, taken.ended),
            statement=taken.statement,
            line=taken.line,
        )
