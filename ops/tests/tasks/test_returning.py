"""A rollback as a task asks for it: what it costs is accepted by its own word, or it does not begin."""

import json
import re
from pathlib import Path

import pytest

from gonogo import bootstrap
from gonogo.errors import NoGoError, UsageError
from gonogo.model import WayBack
from gonogo.tasks import returning
from gonogo.tasks.console import Console
from gonogo.tasks.returning import Wish
from gonogo.testing import NEW, OLD, Scene, config
from tests.unit.rollbacks import Tale, released, tale

LOSS, IMPOSSIBLE = tale(kind="contract"), tale(kind="contract", reversible=False)
UNKNOWN = tale(schema="r9")


def stage(scene: Scene, folder: Path) -> bootstrap.Stage:
    """Return what a rollback of a scene is carried out on."""
    return bootstrap.Stage(config=config(folder), dress=lambda outside: scene.world(outside.observe))


def went(given: Tale, folder: Path, wish: Wish) -> tuple[int, Scene]:
    """Return how a rollback ended, and the world after it."""
    scene = released(given)
    code, _ = returning.go_back(Console(), stage(scene, folder), wish)
    return code, scene


@pytest.mark.parametrize(
    ("given", "wish", "reference"),
    [
        (LOSS, Wish(yes=True), "rollback-loses"),
        (LOSS, Wish(), "rollback-loses"),
        (LOSS, Wish(yes=True, accept_unknown="because"), "rollback-loses"),
        (UNKNOWN, Wish(yes=True, accept_loss=True), "rollback-unknown"),
        (IMPOSSIBLE, Wish(yes=True, accept_loss=True, accept_unknown="because"), "rollback-impossible"),
    ],
)
def test_what_was_not_accepted_does_not_begin(given: Tale, wish: Wish, reference: str, tmp_path: Path) -> None:
    """Exit code 4, whatever else was said; nothing is written and nothing changes."""
    scene = released(given)
    entries = len(scene.entries)
    with pytest.raises(NoGoError) as caught:
        returning.go_back(Console(), stage(scene, tmp_path), wish)
    assert caught.value.reference == reference
    assert (len(scene.entries), scene.serving, scene.calls) == (entries, NEW, [])


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        (tale(), Wish(yes=True)),
        (LOSS, Wish(yes=True, accept_loss=True)),
        (UNKNOWN, Wish(yes=True, accept_unknown="the suite passes on it")),
    ],
)
def test_what_was_accepted_is_carried_out(given: Tale, wish: Wish, tmp_path: Path) -> None:
    """Each by its own word."""
    code, scene = went(given, tmp_path, wish)
    assert (code, scene.serving, scene.working) == (0, OLD, OLD)


def test_why_the_unknown_was_accepted_is_journalled(tmp_path: Path) -> None:
    """With who said it."""
    _, scene = went(UNKNOWN, tmp_path, Wish(yes=True, accept_unknown="the suite passes on it"))
    assert "operator@host accepted that it is not known to be safe: the suite passes on it" in json.dumps(
        [dict(entry.data) for entry in scene.entries]
    )


def test_that_the_loss_was_accepted_is_journalled(tmp_path: Path) -> None:
    """A safe rollback has nothing of that kind."""
    _, scene = went(LOSS, tmp_path, Wish(yes=True, accept_loss=True))
    assert "operator@host accepted the loss" in json.dumps([dict(entry.data) for entry in scene.entries])
    _, safe = went(tale(), tmp_path, Wish(yes=True, accept_loss=True))
    assert "accepted" not in json.dumps([dict(entry.data) for entry in safe.entries])


@pytest.mark.parametrize(
    ("given", "wish", "code", "verdict"),
    [
        (tale(), Wish(dry_run=True), 0, WayBack.SAFE),
        (LOSS, Wish(dry_run=True), 4, WayBack.SAFE_WITH_LOSS),
        (LOSS, Wish(dry_run=True, accept_loss=True), 0, WayBack.SAFE_WITH_LOSS),
        (UNKNOWN, Wish(dry_run=True), 4, WayBack.UNKNOWN),
        (IMPOSSIBLE, Wish(dry_run=True, accept_loss=True), 4, WayBack.IMPOSSIBLE),
        (tale(missing_abilities=("deploy",)), Wish(dry_run=True), 4, WayBack.SAFE),
    ],
)
def test_a_dry_run_says_whether_it_would_begin(
    given: Tale, wish: Wish, code: int, verdict: WayBack, tmp_path: Path
) -> None:
    """The verdict is in its document; nothing changes."""
    scene = released(given)
    ended, said = returning.go_back(Console(), stage(scene, tmp_path), wish)
    forecast = said["forecast"]
    assert isinstance(forecast, dict)
    assert (ended, forecast["verdict"], scene.serving, scene.calls) == (code, verdict.value, NEW, [])


def test_without_a_terminal_and_without_yes_nothing_begins(tmp_path: Path) -> None:
    """With the command that would."""
    with pytest.raises(UsageError) as caught:
        went(tale(), tmp_path, Wish())
    assert caught.value.hint == f"invoke deploy.rollback --to {OLD[:12]} --env prod --yes"


def test_where_a_release_was_left_half_way_nothing_begins(tmp_path: Path) -> None:
    """It is brought to its end first."""
    scene = released()
    del scene.entries[-1]
    with pytest.raises(Exception, match="was left half-way"):
        returning.go_back(Console(), stage(scene, tmp_path), Wish(yes=True))


def test_the_plan_is_shown_with_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked; where something is lost, what it is."""
    returning.go_back(Console(), stage(released(LOSS), tmp_path), Wish(dry_run=True))
    told = capsys.readouterr()
    assert f"Rollback of prod: {NEW[:12]} → {OLD[:12]}" in told.out
    assert "safe, with loss: The schema is downgraded: what was written where r2 is taken back is lost." in told.out
    assert re.search(r"^applied since +r2 r2 \(contract, reversible\)$", told.out, re.MULTILINE)
    assert "add --accept-loss" in told.err


def test_the_end_is_told_as_that_of_a_rollback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not called a release."""
    went(tale(), tmp_path, Wish(yes=True))
    told = capsys.readouterr().out
    assert f"Gone back. prod serves the earlier version {OLD[:12]}, observed at the end." in told
    assert "Released" not in told
