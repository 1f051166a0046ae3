"""A release that went well and the rollback from it, in the in-memory world."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gonogo import bootstrap, journal, run, steps
from gonogo.errors import InterruptedReleaseError
from gonogo.journal import State
from gonogo.model import Plan, Variable
from gonogo.testing import API, NEW, OLD, WORKER, Died, Scene, revision
from tests.unit.releases import CONFIG, FAILED_SUITE, Death, executed

_MOST_PROCESSES = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class Tale:
    """What is different about a world before its release, and about it before its rollback."""

    kind: str = "expand"
    reversible: bool = True
    changes: Mapping[str, object]


def tale(*, kind: str = "expand", reversible: bool = True, **changes: object) -> Tale:
    """Return a tale."""
    return Tale(kind=kind, reversible=reversible, changes=changes)


# Every way that a rollback can go, by its name.
TALES: Mapping[str, Tale] = {
    "back": tale(),
    "back-slow": tale(deploy_s=10.0, linger_s=4.0, appears_s=1.0),
    "back-lost-answer": tale(lost_answers=1, appears_s=4.0),
    "back-contract": tale(kind="contract"),
    "back-contract-slow": tale(kind="contract", deploy_s=10.0, appears_s=2.0),
    "back-from-a-dead-api": tale(unready={NEW: "redis: refused"}),
    "old-api-fails": tale(deploy_ends={OLD: "failed"}),
    "old-worker-crashes": tale(runs_instead={(WORKER, OLD): None}),
    "old-suite-fails": tale(smoke=FAILED_SUITE),
    "old-suite-fails-contract": tale(kind="contract", smoke=FAILED_SUITE),
    "backup-corrupt": tale(kind="contract", digest="e" * 64),
    "nothing-to-return-to": tale(smoke=FAILED_SUITE, runs_instead={(API, NEW): OLD}),
}


def released(given: Tale | None = None) -> Scene:
    """Return a scene after a good release, changed as a tale says since."""
    given = given or tale()
    scene = Scene(
        pending=(revision("r2", kind=given.kind, reversible=given.reversible),),
        variables={API: (Variable(key="KEY", fingerprint="k1"),), WORKER: ()},
    )
    executed(scene)
    scene.seconds += 3600
    for name, value in given.changes.items():
        setattr(scene, name, value)
    for record in (scene.calls, scene.done, scene.counts):
        record.clear()
    return scene


def returning(scene: Scene, wanted: str = "") -> Plan:
    """Return the plan of a scene's rollback."""
    return bootstrap.go_back(CONFIG, scene.world(), wanted=wanted)


def gone_back(scene: Scene, decided: Plan | None = None) -> State:
    """Let one new process carry a rollback out, from wherever it stands."""
    decided = decided or returning(scene)
    return run.execute(decided, world=scene.world(), config=CONFIG, steps=steps.of(decided))


def carried_back(scene: Scene, deaths: Sequence[Death] = ()) -> State:
    """Let process after process go on with a rollback until one comes to its end, knowing only the ledger."""
    decided = returning(scene)
    for death in (*deaths, *[None] * _MOST_PROCESSES):
        if death:
            death.strike(scene)
        known = scene.world().ledger.read(decided.release_id)
        if known and (state := journal.replay(known)).is_ended:  # killed right after its last word
            return state
        with suppress(Died, InterruptedReleaseError):
            return gone_back(scene, journal.replay(known).plan if known else decided)
    message = f"no end after {_MOST_PROCESSES} processes"
    raise AssertionError(message)
