"""What is said before something that stopped half-way is brought back."""

from dataclasses import replace

from gonogo.model import PlanKind
from gonogo.tasks import releasing
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import planned


def test_a_rollback_is_not_called_a_release() -> None:
    """By its own name, with the version that comes back."""
    plan = planned(Scene())
    back = replace(plan, kind=PlanKind.ROLLBACK)
    assert releasing.turning(plan) == f"release {plan.release_id} of {NEW[:12]} goes back to {OLD[:12]}"
    assert releasing.turning(back) == f"rollback {plan.release_id} to {NEW[:12]} is undone: back to {OLD[:12]}"
