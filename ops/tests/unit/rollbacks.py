"""A release that went well and the rollback from it, in the in-memory world."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial

from gonogo import bootstrap
from gonogo.journal import State
from gonogo.model import Plan, Variable
from gonogo.testing import API, NEW, OLD, WORKER, Scene, revision
from tests.unit.releases import CONFIG, FAILED_SUITE, Story, executed


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
    "back-backup-corrupt": tale(kind="contract", digest="e" * 64),
    "nothing-to-return-to": tale(smoke=FAILED_SUITE, runs_instead={(API, NEW): OLD}),
}


def released(given: Tale | None = None) -> Scene:
    """Return a scene after a good release, changed as a tale says since."""
    given = given or tale()
    scene = _after_a_release(given.kind, reversible=given.reversible).copied()
    for name, value in given.changes.items():
        setattr(scene, name, value)
    return scene


@cache
def _after_a_release(kind: str, *, reversible: bool) -> Scene:
    """Return a scene an hour after a good release with a migration."""
    scene = Scene(
        pending=(revision("r2", kind=kind, reversible=reversible),),
        variables={API: (Variable(key="KEY", fingerprint="k1"),), WORKER: ()},
    )
    executed(scene)
    scene.seconds += 3600
    for record in (scene.calls, scene.done, scene.counts):
        record.clear()
    return scene


def returning(scene: Scene, wanted: str = "") -> Plan:
    """Return the plan of a scene's rollback."""
    return bootstrap.go_back(CONFIG, scene.world(), wanted=wanted)


def gone_back(scene: Scene) -> State:
    """Let one new process carry a rollback out."""
    return executed(scene, returning(scene))


# The other half of what the crash matrix is made of.
ROLLBACKS: Mapping[str, Story] = {
    name: Story(scene=partial(released, each), plan=returning) for name, each in TALES.items()
}
