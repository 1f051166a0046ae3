"""Releases of in-memory scenes: carried out by one process or by several, and what came of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from gonogo import checks, facts, journal, plan, run, steps
from gonogo.errors import InterruptedReleaseError, RefusedError, UnreachableError
from gonogo.journal import State
from gonogo.model import Config, Entry, Facts, Hold, Limits, LockMode, Plan, Suite, Traced, Trial
from gonogo.protocols import Context
from gonogo.testing import API, NEW, OLD, WORKER, Died, Scene, config, revision

# As many probes as acquit, and no more: what they cost is paid by each of some ten thousand releases.
CONFIG = config(limits=Limits(bake_s=5.0, bake_rate=5.0, bake_min_requests=25))
FAILED_SUITE = Suite(exit_code=1, passed=4, failed=("test_capture: HTTP 500",), output="")
_ONCE = ("platform.trigger", "migrations.", "backups.take", "restores.name", "restores.switch", "log.append")
_OWNER = {
    "backups.take": ("backup",),
    "database.restore": ("restore-check",),
    "database.drop": ("restore-check",),
    "trials.hold": ("migration-gate",),
    "trials.clear": ("migration-gate",),
    "migrations.upgrade": ("migrate", "downgrade"),
    "migrations.downgrade": ("migrate", "downgrade"),
    f"platform.pin {API}": ("api-rollout",),
    f"platform.trigger {API}": ("api-rollout",),
    f"platform.pin {WORKER}": ("worker-rollout",),
    f"platform.trigger {WORKER}": ("worker-rollout",),
    "service.canary": ("worker-rollout", "bake"),
    "smoke.run": ("smoke",),
    "restores.fill": ("restore-into",),
    "restores.name": ("restore-into",),
    "restores.drop": ("restore-into",),
    "restores.migrate": ("bring-up",),
    "restores.switch": ("switch",),
    "restores.back": ("switch",),
    "log.append": ("sign-off", "schema-record", "restore-record"),
}
_MOST_PROCESSES = 9


def slow_trial() -> Trial:
    """Return a trial in which nobody can write to a table for a minute."""
    hold = Hold(relation="public.thoughts", mode=LockMode.SHARE, began_s=0.1, ended_s=60.1)
    traced = Traced(revision="r2", seconds=61.0, holds=(hold,))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Trial(at=at, backup="b.dump", server_version="18.4", database_bytes=1000, traced=(traced,))


def _contract() -> Scene:
    """Return a scene whose migration old code does not survive, but which can be taken back; the suite fails."""
    return Scene(pending=(revision("r2", kind="contract"),), smoke=FAILED_SUITE)


def _one_way() -> Scene:
    """Return a scene whose migration cannot be taken back; the suite fails."""
    return Scene(pending=(revision("r2", kind="contract", reversible=False),), smoke=FAILED_SUITE)


# Every way that a release can go, by its name.
_SCENES: Mapping[str, Callable[[], Scene]] = {
    "good": Scene,
    "good-slow": lambda: Scene(deploy_s=10.0, linger_s=4.0, appears_s=1.0),
    "good-lost-answer": lambda: Scene(lost_answers=1, appears_s=4.0),
    "good-phantom-id": lambda: Scene(phantom_ids=1, appears_s=4.0),
    "good-skipped": lambda: Scene(skipped=2, deploy_s=10.0),
    "good-two-migrations": lambda: Scene(pending=(revision("r2"), revision("r3"))),
    "good-no-migration": lambda: Scene(pending=()),
    "backup-corrupt": lambda: Scene(digest="e" * 64),
    "restore-check-unreachable": lambda: Scene(
        fail_at={"database.restore": UnreachableError("database-unreachable", "the database does not answer")}
    ),
    "trial-over-budget": lambda: Scene(trial=slow_trial()),
    "trial-unreachable": lambda: Scene(
        fail_at={"trials.hold": UnreachableError("database-unreachable", "the scratch server does not answer")}
    ),
    "trial-refused": lambda: Scene(fail_at={"trials.hold": RefusedError("no-trial", "there is no room for a copy")}),
    "migration-breaks": lambda: Scene(pending=(revision("r2"), revision("r3")), broken_revision="r3"),
    "api-deployment-fails": lambda: Scene(deploy_ends={NEW: "failed"}),
    "api-wrong-version": lambda: Scene(runs_instead={(API, NEW): OLD}, deploy_s=10.0),
    "api-unready": lambda: Scene(unready={NEW: "redis: refused"}),
    "worker-crash": lambda: Scene(runs_instead={(WORKER, NEW): None}),
    "worker-crash-slow": lambda: Scene(runs_instead={(WORKER, NEW): None}, deploy_s=10.0, appears_s=2.0),
    "smoke-fails": lambda: Scene(smoke=FAILED_SUITE),
    "smoke-fails-contract": _contract,
    "smoke-fails-one-way": _one_way,
    "bake-fails": lambda: Scene(probe_ms=5000.0),
    "sign-off-fails": lambda: Scene(fail_at={"log.append": UnreachableError("disk-full", "the disk is full")}),
    "no-way-to-the-old-api": lambda: Scene(smoke=FAILED_SUITE, runs_instead={(API, OLD): NEW}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Death:
    """Where a process dies: at a call or right after it, and how long until somebody goes on."""

    name: str
    nth: int
    is_after: bool
    pause_s: float = 0.0

    def strike(self, scene: Scene) -> None:
        """Let the next process of a scene die here."""
        scene.seconds += self.pause_s
        scene.land()
        scene.die_after = (self.name, self.nth) if self.is_after else None
        scene.die_at = None if self.is_after else (self.name, self.nth)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A way that a release or a rollback can go: a new scene each time it is called, and what is decided on it."""

    scene: Callable[[], Scene]
    plan: Callable[[Scene], Plan]

    def __call__(self) -> Scene:
        """Return a new scene."""
        return self.scene()


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What a process leaves that died.

    Attributes:
        step: the step that the call belongs to; empty where it belongs to none.
    """

    death: Death
    step: str
    scene: Scene


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a release leaves."""

    verdict: str
    exit_code: int
    serving: str
    working: str | None
    schema: str | None
    databases: tuple[tuple[str, str], ...] = ()


@dataclass(kw_only=True)
class Hand:
    """A step's context over a scene, with notes that are kept."""

    scene: Scene
    step: str
    config: Config = CONFIG
    plan: Plan | None = None
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def context(self) -> Context:
        """Return what the step is handed."""
        decided = self.plan or planned(self.scene)
        self.plan = decided
        self.notes.setdefault(self.step, {})
        return Context(world=self.scene.world(), config=self.config, plan=decided, notes=self.notes, note=self._note)

    def _note(self, notes: Mapping[str, Any]) -> None:
        """Keep what the step writes down."""
        self.notes[self.step].update(notes)


def observed(scene: Scene | None = None) -> Facts:
    """Return the facts of a scene."""
    return facts.gather((scene or Scene()).world(), CONFIG)


def planned(scene: Scene) -> Plan:
    """Return the plan of a scene's release."""
    return plan.build(CONFIG, observed(scene), checks=checks.ALL, steps=steps.ALL)


# Half of what the crash matrix is made of; the other half are the rollbacks.
STORIES: Mapping[str, Story] = {name: Story(scene=scene, plan=planned) for name, scene in _SCENES.items()}


def executed(scene: Scene, decided: Plan | None = None, *, host: str = "host", turn: str = "") -> State:
    """Let one new process carry out what was decided, a release unless said otherwise, from wherever it stands."""
    decided = decided or planned(scene)
    return run.execute(decided, world=scene.world(host=host), config=CONFIG, steps=steps.of(decided), turn=turn)


def resumed(scene: Scene, *, host: str = "host", turn: str = "") -> State:
    """Let one new process go on with what was begun last in a scene, knowing only the ledger."""
    return executed(scene, journal.replay(story_of(scene)).plan, host=host, turn=turn)


def story_of(scene: Scene) -> list[Entry]:
    """Return the entries of what was begun last in a scene."""
    return [entry for entry in scene.entries if entry.release_id == scene.entries[-1].release_id]


def carried_through(scene: Scene, deaths: Sequence[Death] = (), *, decided: Plan | None = None) -> State:
    """Let process after process go on with what was decided, a release unless said otherwise, until one ends it."""
    decided = decided or planned(scene)
    for death in (*deaths, *[None] * _MOST_PROCESSES):
        if death:
            death.strike(scene)
        known = [entry for entry in scene.entries if entry.release_id == decided.release_id]
        state = journal.replay(known) if known else None
        if state and state.is_ended:  # killed right after its last word
            return state
        with suppress(Died, InterruptedReleaseError):
            return executed(scene, state.plan if state else decided)
    message = f"no end after {_MOST_PROCESSES} processes"
    raise AssertionError(message)


def outcome(scene: Scene, state: State) -> Outcome:
    """Return what a release left."""
    return Outcome(
        verdict=state.verdict.value,
        exit_code=state.ending["exit_code"],
        serving=scene.serving,
        working=scene.working,
        schema=scene.schema,
        databases=tuple(sorted(scene.databases.items())) if state.plan.restoring else (),
    )


def killed_everywhere(story: Story, decided: Plan | None = None) -> list[Left]:
    """Return what a process of a story leaves that dies before or after one of its calls, for each of them."""
    scene = story()
    found: list[Left] = []
    step = ""

    def witness(call: str, nth: int, when: str) -> None:
        nonlocal step
        name, _, told = call.partition(" ")
        if name in {"ledger.append", "ledger.release"}:  # between the entries of a step all is the step's
            step = told.partition(" ")[2]
        left = scene.copied()
        left.dead.add(scene.pid)
        left.silent[scene.pid] = scene.seconds
        found.append(Left(death=Death(name=name, nth=nth, is_after=when == "after"), step=step, scene=left))

    decided = decided or story.plan(scene)
    scene.witness = witness
    executed(scene, decided)
    return found


@cache
def deaths_of(story: Story) -> tuple[Death, ...]:
    """Return every place where a process of a story can die."""
    return tuple(left.death for left in killed_everywhere(story))


def twice(scene: Scene) -> list[str]:
    """Return the effects that a release must have once and had more often."""
    return [call for call, count in Counter(scene.done).items() if count > 1 and call.startswith(_ONCE)]


def unannounced(scene: Scene) -> list[str]:
    """Return the effects whose step, or its undoing, was not the last one that the journal said to have started."""
    found, current = [], ""
    for call in scene.calls:
        if call.startswith(("ledger.append step-started", "ledger.append revert-started")):
            current = call.split()[-1]
        found += [call for start, owners in _OWNER.items() if call.startswith(start) and current not in owners]
    return found


def changing(scene: Scene) -> list[str]:
    """Return the calls that changed what users see."""
    return [call for call in scene.calls if call.startswith(("platform.", "migrations."))]


def leaked(text: str) -> list[str]:
    """Return the names of the secrets whose value is in a text."""
    return [secret.name for secret in CONFIG.target.secrets if secret.reveal() in text]


@cache
def without_death(story: Story) -> Outcome:
    """Return what a story leaves when nothing is killed."""
    scene = story()
    return outcome(scene, executed(scene, story.plan(scene)))


def refusing(scene: Scene, **changes: Any) -> Facts:
    """Return a scene's facts with some of them changed; `git_dirty=…` changes `git.dirty`."""
    seen = observed(scene)
    for name, value in changes.items():
        part, _, key = name.partition("__")
        seen = replace(seen, **{part: replace(getattr(seen, part), **{key: value}) if key else value})
    return seen
