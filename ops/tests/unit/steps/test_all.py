"""The list of steps and the folder hold the same ones, and each behaves as its kind says."""

import pkgutil
from dataclasses import replace
from importlib.util import find_spec

import pytest

from gonogo import steps
from gonogo.model import Plan
from gonogo.protocols import Step, StepKind
from gonogo.testing import Scene
from tests.unit import restores, rotations
from tests.unit.releases import Hand, planned

MODULES = sorted(module.name for module in pkgutil.iter_modules(steps.__path__))
ORDERS = (steps.ALL, steps.BACK, steps.UP, steps.DOWN, steps.RESTORE, steps.ROTATE)
EVERY = {step.name: step for order in ORDERS for step in order}
# Gates before changes, proofs after them; a restore dumps what is served right before it is put aside.
SORTED = [order for order in ORDERS if order is not steps.RESTORE]
# A switch to the new value alone is only recorded, since it is never taken back; it changes something all the same.
CHANGING = {type(step) for step in EVERY.values() if step.kind is StepKind.CHANGE}
HARMLESS = [step for step in EVERY.values() if type(step) not in CHANGING]


def _scene_of(step: Step) -> tuple[Scene, Plan]:
    """Return a scene, and a plan of a kind that has this step."""
    if step in steps.RESTORE:
        return (scene := restores.backed_up()), restores.restore(scene, switch=True)
    if step in steps.ROTATE and step.name != "preflight":
        return (scene := rotations.scene_of("api-tokens")), rotations.decided("api-tokens", scene)
    return (scene := Scene()), planned(scene)


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


def test_a_restore_dumps_what_is_served_right_before_it_is_put_aside() -> None:
    """Filling the new database may take hours, and what is written meanwhile must be in the dump."""
    assert [step.name for step in steps.RESTORE] == [
        "lock",
        "restore-into",
        "bring-up",
        "backup",
        "switch",
        "restore-record",
    ]


def test_a_plan_is_carried_out_with_the_steps_that_it_names() -> None:
    """One that waits in the ledger may name fewer than there are by now."""
    plan = planned(Scene())
    assert steps.of(plan) == steps.ALL
    assert [step.name for step in steps.of(replace(plan, steps=plan.steps[2:4]))] == ["restore-check", "migration-gate"]


def test_every_module_of_the_folder_is_a_step() -> None:
    """One that is written and not listed would never be run; several steps of one kind may share a module."""
    assert {type(step).__module__ for step in EVERY.values()} == {f"gonogo.steps.{name}" for name in MODULES}


def test_a_name_is_one_step_s_in_whichever_order_it_stands() -> None:
    """A journal knows a step by its name alone."""
    kinds = {(step.name, type(step)) for order in ORDERS for step in order}
    assert len(kinds) == len(EVERY)


@pytest.mark.parametrize("name", MODULES)
def test_every_step_has_its_tests(name: str) -> None:
    """One file per step."""
    assert find_spec(f"tests.unit.steps.test_{name}") is not None


def test_gates_come_before_changes_and_proofs_after_them() -> None:
    """A release looks, changes, proves, records."""
    order = [StepKind.GATE, StepKind.CHANGE, StepKind.PROOF, StepKind.RECORD]
    for listed in SORTED:
        assert [step.kind for step in listed] == sorted((step.kind for step in listed), key=order.index)


@pytest.mark.parametrize("step", EVERY.values(), ids=lambda step: step.name)
def test_a_step_says_what_it_will_do(step: Step) -> None:
    """In the plan, before anything happens."""
    assert step.intent(_scene_of(step)[1])


@pytest.mark.parametrize("step", HARMLESS, ids=lambda step: step.name)
def test_a_step_that_changes_nothing_undoes_nothing(step: Step) -> None:
    """Not one call."""
    scene, plan = _scene_of(step)
    step.revert(Hand(scene=scene, step=step.name, plan=plan).context())
    assert scene.calls == []
