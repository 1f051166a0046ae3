"""A rehearsal for a whole environment: which data, which release beside it, what its verdict follows from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo import bootstrap
from gonogo.bootstrap import wiring
from gonogo.errors import NoGoError, RefusedError
from gonogo.model import Checkout, MigrationSetup, Outlived, Rehearsed, Severity, Trial, TrialWish
from gonogo.testing import OLD, Scene, config, revision
from tests.unit.releases import slow_trial

Rehearse = Callable[..., Rehearsed]


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Rehearse:
    """Return what rehearses in a scene."""

    def rehearsed(scene: Scene, start: str = "") -> Rehearsed:
        monkeypatch.setattr(wiring, "world", lambda *_, **__: scene.world())
        setup = MigrationSetup(root=tmp_path, state=tmp_path / ".gonogo", command=("alembic",), ini="alembic.ini")
        place = bootstrap.Place(setup=setup, config=config(tmp_path), server="")
        return bootstrap.rehearse(place, bootstrap.Asked(environment="prod", start=start))

    return rehearsed


def _wished(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> list[TrialWish]:
    """Return the list that every wish for a trial of a scene is put on."""
    wishes: list[TrialWish] = []
    trials = type(scene.world().trials)
    hold = trials.hold

    def noted(self: object, wish: TrialWish) -> Trial:
        wishes.append(wish)
        return hold(self, wish)  # type: ignore[arg-type]  # the scene's own

    monkeypatch.setattr(trials, "hold", noted)
    return wishes


def test_it_begins_at_the_newest_backup_beside_the_release_that_serves(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the service says; nothing but the copy is touched."""
    scene = Scene()
    wishes = _wished(scene, monkeypatch)
    for name in ("older", "newest"):
        scene.world().backups.take(name)
    told = rehearse(scene)
    (wish,) = wishes
    assert (wish.start, [each.id for each in wish.pending]) == ("r1", ["r2"])
    assert (wish.backup == told.backup, wish.backup and wish.backup.name) == (True, "newest")
    assert wish.previous is not None
    assert wish.previous.commit == OLD
    assert {call.split()[0] for call in scene.calls} == {"backups.take", "trials.hold", "trials.clear"}
    assert (told.is_good, scene.scratch) == (True, set())


def test_what_was_applied_since_the_backup_is_tried_too(rehearse: Rehearse) -> None:
    """And said."""
    scene = Scene(pending=(revision("r2"), revision("r3")))
    scene.world().backups.take("before")
    scene.schema = "r2"
    told = rehearse(scene)
    assert ([each.id for each in told.revisions], told.start) == (["r2", "r3"], "r1")
    assert told.notes[0].startswith("the database is past r1")


def test_without_a_backup_it_begins_empty_where_the_database_stands(rehearse: Rehearse) -> None:
    """The trial clears nothing then, and the note says so."""
    told = rehearse(Scene())
    assert (told.backup, told.start) == (None, "r1")
    assert "empty database: prod has no backup" in told.notes[0]


def test_from_names_where_an_empty_database_begins(rehearse: Rehearse) -> None:
    """`base` is the empty schema."""
    scene = Scene()
    scene.world().backups.take("one")
    told = rehearse(scene, start="base")
    assert (told.backup, told.start, [each.id for each in told.revisions]) == (None, None, ["r1", "r2"])


def test_budgets_and_the_elder_decide(rehearse: Rehearse) -> None:
    """As in the gate of a release."""
    dead = Outlived(commit=OLD, runs=False, failed=("GET /users fails",))
    scene = Scene(trial=replace(slow_trial(), outlived=dead))
    scene.world().backups.take("one")
    told = rehearse(scene)
    blocking = {each.rule for each in told.all_findings if each.severity is Severity.BLOCK}
    assert (told.is_good, blocking) == (False, {"trial-stops-writes", "trial-elder"})


def test_nothing_pending_needs_no_trial(rehearse: Rehearse) -> None:
    """And is good."""
    scene = Scene(pending=())
    told = rehearse(scene)
    assert (told.trial, told.is_good, scene.calls) == (None, True, [])


def test_a_trial_that_cannot_be_held_is_a_no_go(rehearse: Rehearse) -> None:
    """Nobody knows, which is not good."""
    scene = Scene(fail_at={"trials.hold": RefusedError("extension-missing", "postgis is missing there")})
    with pytest.raises(NoGoError, match="postgis is missing there"):
        rehearse(scene)


def test_a_database_that_this_tree_does_not_know_is_a_no_go(rehearse: Rehearse) -> None:
    """A newer commit was released."""
    with pytest.raises(NoGoError, match="which this tree does not have"):
        rehearse(Scene(schema="r9"))


def test_an_elder_that_cannot_be_had_is_said(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is tried all the same."""
    scene = Scene()
    checkouts = type(scene.world().checkouts)
    provide = checkouts.provide

    def provided(self: object, commit: str) -> Checkout:
        if commit == OLD:
            raise RefusedError("commit-gone", "there is no such commit here")
        return provide(self, commit)  # type: ignore[arg-type]  # the scene's own

    monkeypatch.setattr(checkouts, "provide", provided)
    told = rehearse(scene)
    assert told.trial is not None
    assert "cannot be started beside the copy: there is no such commit here" in told.notes[-1]
