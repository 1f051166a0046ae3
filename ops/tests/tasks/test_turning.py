"""What is said before something that stopped half-way is brought back."""

from dataclasses import replace

import pytest

from gonogo import bootstrap, freezing
from gonogo.model import Freeze, PlanKind
from gonogo.tasks import releasing
from gonogo.tasks.console import Console
from gonogo.testing import NEW, OLD, Died, Scene
from tests.unit.releases import CONFIG, executed, planned


def test_each_step_that_is_undone_has_its_line() -> None:
    """In the order of their undoing; where nothing was changed that is said."""
    assert releasing.undoing(("worker-rollout", "migrate")) == (
        "1. worker-rollout: undone, and proven to be as before",
        "2. migrate: undone, and proven to be as before",
    )
    assert releasing.undoing(()) == ("no step has changed anything; nothing is undone",)


@pytest.mark.parametrize(
    ("at", "undone"),
    [(("backups.take", 1), ()), (("smoke.run", 1), ("worker-rollout", "api-rollout", "migrate"))],
    ids=["before any change", "after the rollouts"],
)
def test_what_an_abort_undoes_is_known_before(at: tuple[str, int], undone: tuple[str, ...]) -> None:
    """From the journal alone: the changes that were begun, last first."""
    scene = Scene(die_at=at)
    plan = planned(scene)
    with pytest.raises(Died):
        executed(scene, plan)

    assert bootstrap.to_undo(scene.world(), plan) == undone


def test_a_plan_that_is_made_in_a_freeze_says_so_at_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """In words and in its document, unless the reason to release all the same was given."""
    scene = Scene()
    window = Freeze(reason="holidays", zone="UTC", days=frozenset(range(7)))
    frozen = replace(CONFIG, target=replace(CONFIG.target, freeze=(window,)))
    stage = bootstrap.Stage(config=frozen, dress=lambda outside: scene.world(outside.observe))

    told = [
        releasing.release(Console(), stage, releasing.Wish(dry_run=True, during_freeze=why)) for why in ("", "urgent")
    ]

    lines = [line for line in capsys.readouterr().out.splitlines() if "next: " in line]
    assert [document["frozen"] for _, document in told] == [freezing.said(window), ""]
    assert [line.startswith("frozen: a release would be refused now: holidays") for line in lines] == [True, False]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("CREATE INDEX ix ON thoughts (title)", "next: uv run invoke migrate.rehearse --env prod"),
        ("DROP TABLE thoughts", "no-go: see what blocks above"),
    ],
)
def test_what_a_trial_may_clear_is_followed_by_the_trial(
    capsys: pytest.CaptureFixture[str], sent: str, said: str
) -> None:
    """A plan has read the text alone; nobody needs a trial for what no trial clears."""
    scene = Scene(statements={"r2": sent})
    stage = bootstrap.Stage(config=CONFIG, dress=lambda outside: scene.world(outside.observe))

    code, _ = releasing.release(Console(), stage, releasing.Wish(dry_run=True))

    told = " ".join(capsys.readouterr().out.split())
    assert (code, said in told, "migrate.rehearse" in told) == (4, True, "rehearse" in said)


def test_a_rollback_is_not_called_a_release() -> None:
    """By its own name, with the version that comes back."""
    plan = planned(Scene())
    back = replace(plan, kind=PlanKind.ROLLBACK)
    assert releasing.turning(plan) == f"release {plan.release_id} of {NEW[:12]} goes back to {OLD[:12]}"
    assert releasing.turning(back) == f"rollback {plan.release_id} to {NEW[:12]} is undone: back to {OLD[:12]}"
