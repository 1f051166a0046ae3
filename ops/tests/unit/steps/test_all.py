"""The list of steps and the folder hold the same ones, and each behaves as its kind says."""

import pkgutil
from dataclasses import replace
from importlib.util import find_spec

import pytest

from gonogo import steps
from gonogo.protocols import Step, StepKind
from gonogo.testing import Scene
from tests.unit.releases import Hand, planned

MODULES = sorted(module.name for module in pkgutil.iter_modules(steps.__path__))
EVERY = {step.name: step for step in (*steps.ALL, *steps.BACK, *steps.UP, *steps.DOWN)}
HARMLESS = [step for step in EVERY.values() if step.kind is not StepKind.CHANGE]


def test_the_order_is_the_one_that_is_documented() -> None:
    """DESIGN section 4."""
    assert [step.name for step in steps.ALL] == [
        "preflight",
        "backup",
        "restore-check",
        "migration-gate",
        "migrate",
        "api-rollout",
        "worker-rollout",
        "smoke",
        "bake",
        "sign-off",
    ]


def test_a_rollback_backs_up_deploys_and_only_then_moves_the_schema() -> None:
    """The earlier code runs on the newer schema for a while; the newer code would not run on the earlier one."""
    assert [step.name for step in steps.BACK] == [
        "preflight",
        "backup",
        "restore-check",
        "api-rollout",
        "worker-rollout",
        "downgrade",
        "smoke",
        "bake",
        "sign-off",
    ]


def test_a_plan_is_carried_out_with_the_steps_that_it_names() -> None:
    """One that waits in the ledger may name fewer than there are by now."""
    plan = planned(Scene())
    assert steps.of(plan) == steps.ALL
    assert [step.name for step in steps.of(replace(plan, steps=plan.steps[2:4]))] == ["restore-check", "migration-gate"]


def test_every_module_of_the_folder_is_a_step() -> None:
    """One that is written and not listed would never be run; its name leads to its module."""
    listed = {type(step).__module__: step.name for step in EVERY.values()}
    assert listed == {f"gonogo.steps.{name}": name.replace("_", "-") for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_every_step_has_its_tests(name: str) -> None:
    """One file per step."""
    assert find_spec(f"tests.unit.steps.test_{name}") is not None


def test_gates_come_before_changes_and_proofs_after_them() -> None:
    """A release looks, changes, proves, records."""
    order = [StepKind.GATE, StepKind.CHANGE, StepKind.PROOF, StepKind.RECORD]
    for listed in (steps.ALL, steps.BACK, steps.UP, steps.DOWN):
        assert [step.kind for step in listed] == sorted((step.kind for step in listed), key=order.index)


@pytest.mark.parametrize("step", EVERY.values(), ids=lambda step: step.name)
def test_a_step_says_what_it_will_do(step: Step) -> None:
    """In the plan, before anything happens."""
    assert step.intent(planned(Scene()))


@pytest.mark.parametrize("step", HARMLESS, ids=lambda step: step.name)
def test_a_step_that_changes_nothing_undoes_nothing(step: Step) -> None:
    """Not one call."""
    scene = Scene()
    step.revert(Hand(scene=scene, step=step.name).context())
    assert scene.calls == []
