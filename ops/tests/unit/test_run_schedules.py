"""Random schedules of releases and rollbacks: by processes on two hosts, with faults and lost leases.

The processes die, fall asleep, are interrupted, turn round.

`--hypothesis-profile=large` runs fifty thousand of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gonogo import journal
from gonogo.errors import GonogoError, UnreachableError
from gonogo.model import Entry, EntryKind, Plan, PlanKind, Suite, Verdict
from gonogo.testing import LEASE_S, Died, Scene, revision
from tests.unit.releases import FAILED_SUITE, executed, planned, resumed, twice, unannounced
from tests.unit.rollbacks import Tale, released, returning, tale

SCHEDULES = 1_000
PASSED_SUITE = Suite(exit_code=0, passed=5, failed=(), output="")
HOSTS = st.sampled_from(["host", "elsewhere"])
# What a process can die at, or fail in, by the name of its call.
CALLS = (
    "ledger.append",
    "ledger.acquire",
    "ledger.release",
    "backups.take",
    "database.restore",
    "migrations.upgrade",
    "migrations.downgrade",
    "platform.pin",
    "platform.trigger",
    "service.canary",
    "smoke.run",
    "log.append",
)
WAITS = st.sampled_from([0.0, 1.0, 15.0, LEASE_S - 1, LEASE_S + 1, 3600.0])
FAULTS: Mapping[str, st.SearchStrategy[Any]] = {
    "deploy_s": st.sampled_from([0.0, 10.0]),
    "appears_s": st.sampled_from([0.0, 2.0]),
    "linger_s": st.sampled_from([0.0, 4.0]),
    "lost_answers": st.integers(0, 2),
    "phantom_ids": st.integers(0, 1),
    "swallowed": st.integers(0, 1),
    "smoke": st.sampled_from([PASSED_SUITE, FAILED_SUITE]),
}
RELEASES = st.builds(
    Scene,
    lock_timeouts=st.integers(0, 2),
    pending=st.sampled_from([(), (revision("r2"),), (revision("r2"), revision("r3"))]),
    **FAULTS,
)
ROLLBACKS = st.builds(tale, kind=st.sampled_from(["expand", "contract"]), **FAULTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mishap:
    """What happens to one process: dies at a call or after it, is interrupted there, or one call fails."""

    call: str
    nth: int
    how: str

    def strike(self, scene: Scene) -> None:
        """Let it happen to the process that is started next."""
        scene.die_at = scene.die_after = None
        scene.fail_at.clear()
        scene.dies_of = KeyboardInterrupt if self.how.startswith("interrupted") else Died
        at = (self.call, scene.counts[self.call] + self.nth)
        if self.how.endswith("after"):
            scene.die_after = at
        elif self.how.endswith("at"):
            scene.die_at = at
        elif self.how == "fails" and not self.call.startswith("ledger."):
            scene.fail_at[self.call] = UnreachableError("gone", f"{self.call} does not answer")


HOW = st.sampled_from(["killed at", "killed after", "interrupted at", "interrupted after", "fails", "nothing"])
MISHAPS = st.one_of(
    st.builds(Mishap, call=st.just("ledger.append"), nth=st.integers(1, 40), how=HOW),
    st.builds(Mishap, call=st.sampled_from(CALLS), nth=st.integers(1, 2), how=HOW),
)


class Schedules(RuleBasedStateMachine):
    """One release or rollback, by as many processes as it takes."""

    scene: Scene
    plan: Plan
    logged: int

    @initialize(drawn=st.one_of(RELEASES, ROLLBACKS))
    def decide(self, drawn: Scene | Tale) -> None:
        """Plan it."""
        self.scene = released(drawn) if isinstance(drawn, Tale) else drawn
        self.plan = returning(self.scene) if isinstance(drawn, Tale) else planned(self.scene)
        self.logged = len(self.scene.log)

    @rule(mishap=MISHAPS, host=HOSTS, wait_s=WAITS)
    def go_on(self, mishap: Mishap, host: str, wait_s: float) -> None:
        """Somebody begins, or goes on."""
        self._pass(wait_s)
        mishap.strike(self.scene)
        self._process(host)

    @rule(mishap=MISHAPS, host=HOSTS, wait_s=WAITS)
    @precondition(lambda self: self._entries())
    def turn_round(self, mishap: Mishap, host: str, wait_s: float) -> None:
        """Somebody brings it back."""
        self._pass(wait_s)
        mishap.strike(self.scene)
        self._process(host, turn="aborted")

    @rule(asleep_at=st.integers(1, 60), wait_s=WAITS, mishap=MISHAPS, host=HOSTS, turn=st.sampled_from(["", "aborted"]))
    def fall_asleep(self, asleep_at: int, wait_s: float, mishap: Mishap, host: str, turn: str) -> None:
        """One process falls asleep, another one goes on meanwhile, and the first wakes up and knows of nothing."""

        def dream() -> None:
            self._pass(wait_s)
            mishap.strike(self.scene)
            self._process(host, turn=turn if self._entries() else "")
            Mishap(call="", nth=0, how="nothing").strike(self.scene)

        Mishap(call="", nth=0, how="nothing").strike(self.scene)
        self.scene.sleep_at, self.scene.dream = self.scene.touches + asleep_at, dream
        self._process("host")
        self.scene.sleep_at = 0

    @invariant()
    def nothing_happens_twice_or_unannounced(self) -> None:
        """At any time; an undoing that failed and was taken up again may deploy what was there once more."""
        if hasattr(self, "scene"):
            again = [
                call
                for call in twice(self.scene)
                if not (self._was_taken_up() and call.endswith(self.plan.previous_commit))
            ]
            assert (again, unannounced(self.scene)) == ([], [])

    @invariant()
    def the_journal_is_one_story(self) -> None:
        """Its last word comes once, unless a person has taken the release up again."""
        if hasattr(self, "scene"):
            ends = [entry for entry in self._entries() if entry.kind is EntryKind.RELEASE_ENDED]
            assert len(ends) <= 1 + self._takings_up()
            assert _numbers(self.scene.entries) == list(range(1, len(self.scene.entries) + 1))

    def teardown(self) -> None:
        """Whatever happened: it comes to an end that is all old or all new, and the lock is free within its lease."""
        if not hasattr(self, "scene"):
            return
        Mishap(call="", nth=0, how="nothing").strike(self.scene)
        self._pass(LEASE_S + 1)
        assert self.scene.world(host="elsewhere").ledger.holder("prod") is None
        self._process("elsewhere")
        if self._verdict() is Verdict.NEEDS_PERSON:
            self._process("elsewhere", turn="aborted")
        self.nothing_happens_twice_or_unannounced()
        self._is_whole()

    def _is_whole(self) -> None:
        """Hold the world against the verdict."""
        scene, plan, verdict = self.scene, self.plan, self._verdict()
        assert verdict in {Verdict.RELEASED, Verdict.ROLLED_BACK, Verdict.NO_GO}
        is_new = verdict is Verdict.RELEASED
        commit = plan.target_commit if is_new else plan.previous_commit
        assert (scene.serving, scene.working) == (commit, commit)
        if is_new or plan.kind is PlanKind.ROLLBACK:  # an undone release may leave a schema that the old code runs on
            assert scene.schema == (plan.target_revision if is_new else plan.start_revision)
        assert (scene.world().ledger.holder("prod"), scene.scratch) == (None, set())
        if is_new:
            assert len(scene.log) == self.logged + 1

    def _process(self, host: str, *, turn: str = "") -> None:
        """Let one process run until it ends, however it does."""
        with suppress(Died, KeyboardInterrupt, GonogoError):
            if self._entries():
                resumed(self.scene, host=host, turn=turn)
            else:
                executed(self.scene, self.plan, host=host)
        self.scene.dead.add(self.scene.pid)
        self.scene.silent.setdefault(self.scene.pid, self.scene.seconds)

    def _pass(self, seconds: float) -> None:
        self.scene.seconds += seconds
        self.scene.land()

    def _takings_up(self) -> int:
        kinds = [entry.kind for entry in self._entries()]
        return list(pairwise(kinds)).count((EntryKind.RELEASE_ENDED, EntryKind.RESUMED))

    def _entries(self) -> list[Entry]:
        """Return what the journal says of it."""
        return [entry for entry in self.scene.entries if entry.release_id == self.plan.release_id]

    def _verdict(self) -> Verdict:
        """Return how it stands."""
        return journal.replay(self._entries()).verdict

    def _was_taken_up(self) -> bool:
        return self._takings_up() > 0


def _numbers(entries: list[Entry]) -> list[int]:
    """Return the positions of entries."""
    return [entry.seq for entry in entries]


TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(
    max_examples=max(SCHEDULES, settings().max_examples), stateful_step_count=5, deadline=None, database=None
)


def test_the_schedules_meet_what_they_are_made_for() -> None:
    """A process that fell asleep past its lease is stopped, and says who has the lock."""
    scene = Scene()
    plan = planned(scene)
    ends: Counter[str] = Counter()

    def dream() -> None:
        scene.seconds += LEASE_S + 1
        ends[resumed(scene, host="elsewhere").verdict] += 1

    asleep: list[Callable[[], None]] = [dream]
    scene.sleep_at, scene.dream = 30, asleep[0]
    try:
        executed(scene, plan)
    except GonogoError as error:
        ends[error.reference] += 1
    assert ends == {"released": 1, "lock-lost": 1}
