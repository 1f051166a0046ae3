"""Each fault of the stand-in, met by the real client: what the operator sees, and what runs at the end."""

from pathlib import Path

import pytest

from gonogo.errors import UnreachableError
from gonogo.local.coolify.faults.table import TABLE
from gonogo.local.coolify.switchboard import UnknownFaultError
from tests.local.coolify.acting import Actor, Seen
from tests.local.coolify.expected import CASES, Case
from tests.local.coolify.stage import NEW, Stage

_AT_LEAST = 40
_ENOUGH_S = 300.0
_PAGE = Path(__file__).parents[4] / "docs" / "coolify-faults.md"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_operator_sees(stage: Stage, case: Case) -> None:
    """The step's end, its words, the way back, and the versions that run after each."""
    actor = _ready(stage, case)

    seen = actor.forward()

    assert (seen.reference, seen.runs) == (case.ends, [*case.runs]), seen.said
    assert case.kind is None or isinstance(seen.error, case.kind)
    assert not [words for words in case.says if words not in seen.said], seen.said
    assert not _leaks(stage, seen)
    if case.later is not None:
        stage.move(_ENOUGH_S)
        assert stage.runs(case.service) == [*case.later]
    if seen.error:
        back = actor.back()
        assert (back.reference, back.runs) == (case.back, [*case.finally_runs]), back.said
        assert not _leaks(stage, back)


def test_every_fault_has_a_case() -> None:
    """No fault is without a statement of what is seen of it, and there are many."""
    assert {case.fault for case in CASES} == set(TABLE)
    assert len(TABLE) >= _AT_LEAST
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_page_lists_the_table() -> None:
    """Every fault stands in docs/coolify-faults.md with its summary and its end, and nothing else does."""
    rows = [line.split(" | ") for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    ends = {case.fault: case.ends for case in reversed(CASES)}
    found = {row[0].strip("|` "): (row[1].strip(), row[2].strip("|` ")) for row in rows}
    assert found == {fault.name: (fault.summary, ends[fault.name]) for fault in TABLE.values()}


def test_a_broken_list_of_variables_is_told(stage: Stage) -> None:
    """Who asks for them is told that Coolify has a fault, never that there are none."""
    stage.switch("variables-broken")
    with pytest.raises(UnreachableError, match="HTTP 500"):
        stage.client().variables(stage.api.uuid)


@pytest.mark.parametrize("given", [{"name": "nothing"}, {"name": "api-off", "seconds": 3}], ids=["name", "setting"])
def test_an_unknown_fault_or_setting_is_told(stage: Stage, given: dict[str, object]) -> None:
    """With what there is instead; nothing is switched on."""
    with pytest.raises(UnknownFaultError, match=r"there are|it has"):
        stage.inside(lambda: stage.parts.switchboard.on(given))
    assert stage.store.faults == ()


def test_a_fault_that_is_switched_off_is_over(stage: Stage) -> None:
    """What it changed about the server is as it was."""
    stage.switch("api-off")
    stage.inside(stage.parts.switchboard.off)
    assert stage.client().version() == "4.3.11"


def test_a_fault_hits_as_often_as_it_is_told(stage: Stage) -> None:
    """After that everything is as it should be."""
    stage.switch("login-page", times=2)
    client = stage.client()
    for _ in range(2):
        with pytest.raises(Exception, match="does not look like"):
            client.version()
    assert client.version() == "4.3.11"


def test_a_queue_that_empties_is_waited_for(stage: Stage) -> None:
    """It is asked anew for the deployment, and nothing is left of the wait but its time."""
    stage.switch("queue-full")
    stage.later(70.0, stage.parts.switchboard.off)
    seen = Actor(stage=stage, service="api").forward()
    assert (seen.reference, seen.runs) == ("done", ["new"])


def test_the_way_to_another_commit_is_not_hit(stage: Stage) -> None:
    """A fault of a deployment may be meant for one commit."""
    stage.switch("build-fails", commit="f" * 40)
    assert Actor(stage=stage, service="api").forward().reference == "done"


def _ready(stage: Stage, case: Case) -> Actor:
    """Return the step before it begins, with the fault on."""
    if case.image:
        stage.use_image(case.service)
    stage.change(case.service, **case.columns)
    stage.switch(case.fault, **({"commit": NEW} if TABLE[case.fault].sabotage else {}))
    return Actor(stage=stage, service=case.service)


def _leaks(stage: Stage, seen: Seen) -> bool:
    """Return whether the token is anywhere in what the operator reads."""
    return stage.token in seen.said or (seen.error is not None and stage.token in repr(vars(seen.error)))
