"""Verdicts that follow from what a trial has measured: of a rollback, of the next plan, of a release turning round."""

from dataclasses import replace
from typing import Any

import pytest

from gonogo import bootstrap, codec, journal, lineage
from gonogo.model import JSON, Entry, EntryKind, Lost, StepStatus, Trial, WayBack
from gonogo.steps.migrate import Migrate
from gonogo.testing import OLD, Scene, revision
from tests.unit.releases import CONFIG, FAILED_SUITE, Hand, executed
from tests.unit.rollbacks import released, returning, tale
from tests.unit.test_advice import trial


def noted(scene: Scene, seen: Trial) -> Scene:
    """Write a trial into the journal of a scene's last release, as its gate would have."""
    last = scene.entries[-1]
    data: dict[str, JSON] = {"notes": {"trial": codec.trial_to_json(seen)}}
    entry = Entry(release_id=last.release_id, at=last.at, kind=EntryKind.STEP_NOTED, step="migration-gate", data=data)
    scene.world().ledger.append(entry)
    return scene


def states(scene: Scene) -> list[journal.State]:
    """Return a scene's releases, newest first."""
    ledger = scene.world().ledger
    return [journal.replay(ledger.read(each)) for each in ledger.releases("prod")]


@pytest.mark.parametrize(
    ("kind", "reversible", "seen", "verdict"),
    [
        ("contract", False, trial("r2", runs=True), WayBack.SAFE),
        ("contract", False, trial("r2", runs=None), WayBack.IMPOSSIBLE),
        ("contract", True, trial("r2", runs=True), WayBack.SAFE),
        ("expand", True, trial("r2", runs=False), WayBack.SAFE_WITH_LOSS),
        ("expand", False, trial("r2", runs=False), WayBack.IMPOSSIBLE),
        ("expand", True, trial("r2", runs=False, excused="known"), WayBack.SAFE_WITH_LOSS),
        ("expand", True, trial("r9", runs=False), WayBack.SAFE),
        (
            "expand",
            True,
            trial("r2", runs=True, lost_up=(Lost(relation="public.users", column="age", values=3),)),
            WayBack.SAFE_WITH_LOSS,
        ),
    ],
)
def test_a_rollback_believes_what_was_measured(kind: str, reversible: bool, seen: Trial, verdict: WayBack) -> None:
    """Whatever the migration declares."""
    scene = noted(released(tale(kind=kind, reversible=reversible)), seen)
    forecast = returning(scene).forecast
    assert forecast is not None
    assert forecast.verdict is verdict, forecast


def test_a_trial_is_read_from_the_journal_as_it_was_written() -> None:
    """With its locks, its stairs and its N-1."""
    seen = trial("r2", runs=False, lost_up=(Lost(relation="public.users", column="age", values=3),))
    assert states(noted(released(), seen))[0].trial == seen
    scene = Scene(pending=())
    executed(scene)
    assert states(scene)[0].trial is None


def test_what_ran_on_a_part_or_was_another_version_proves_nothing() -> None:
    """Over several releases only this very version on this very schema counts."""
    found = states(noted(released(), trial("r2", runs=True)))
    newer = [revision("r2", kind="contract"), revision("r3")]
    assert lineage.runs(found, OLD, newer[:1]) is True
    assert lineage.runs(found, OLD, newer) is None
    assert lineage.runs(found, "f" * 40, newer[:1]) is None
    assert lineage.runs(states(noted(released(), trial("r2", runs=False))), "f" * 40, newer) is False


def test_a_trial_of_what_was_never_applied_counts_for_nothing() -> None:
    """The file may be another one by now."""
    (state,) = states(noted(released(), trial("r2", runs=True)))
    migrate = replace(state.steps["migrate"], status=StepStatus.PENDING)
    assert lineage.runs([replace(state, steps={**state.steps, "migrate": migrate})], OLD, [revision("r2")]) is None


@pytest.mark.parametrize(
    ("runs", "verdict"), [(True, WayBack.SAFE), (False, WayBack.IMPOSSIBLE), (None, WayBack.IMPOSSIBLE)]
)
def test_the_next_try_of_a_release_knows_its_trial(runs: bool | None, verdict: WayBack) -> None:
    """Its plan says the measured verdict before it begins."""
    scene = Scene(pending=(revision("r2", kind="contract", reversible=False),), squawk=(), digest="e" * 64)
    plan = bootstrap.plan(CONFIG, scene.world())
    again = noted_plan(scene, plan.release_id, trial("r2", runs=runs))
    forecast = bootstrap.plan(CONFIG, again.world()).forecast
    assert forecast is not None
    assert forecast.verdict is verdict


def noted_plan(scene: Scene, release_id: str, seen: Trial) -> Scene:
    """Let a release fail its restore check, and write a trial into its journal."""
    executed(scene)
    assert scene.entries[-1].release_id == release_id
    scene.seconds += 60
    return noted(scene, seen)


@pytest.mark.parametrize(
    ("kind", "runs", "is_open"),
    [("contract", True, True), ("contract", None, False), ("expand", None, True), ("expand", False, False)],
)
def test_a_release_that_turns_round_obeys_what_was_measured(kind: str, runs: bool | None, is_open: bool) -> None:
    """Old code is brought back where it was seen to run, and not where it was seen to fail."""
    scene = Scene(pending=(revision("r2", kind=kind, reversible=False),), smoke=FAILED_SUITE)
    notes: dict[str, dict[str, Any]] = {
        "migration-gate": {"trial": codec.trial_to_json(trial("r2", runs=runs))},
        "api-rollout": {"deployment": "d1"},
    }
    hand = Hand(scene=scene, step="migrate", notes=notes)
    context = hand.context()
    scene.schema = "r2"
    assert Migrate().is_open(context) is is_open
