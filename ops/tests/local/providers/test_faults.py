"""Faults are the same for every provider: which requests they hit, and what becomes of those."""

import threading
from typing import Any

import httpx
import pytest

from gonogo import config
from gonogo.local.providers.hosting import PROVIDERS
from tests.local.providers import asking
from tests.local.providers.asking import arrange, look

TOKEN = "todoist-standin-token"


def add(url: str, content: str = "x") -> httpx.Response:
    """Add a task."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return asking.send("POST", f"{url}/api/v1/tasks", json={"content": content}, headers=headers)


def tasks(url: str) -> int:
    """Return how many tasks there are."""
    return sum(len(account["items"]) for account in look(url, "state")["accounts"])


def test_the_configuration_knows_every_provider() -> None:
    """What gonogo.toml may name is what the stack has."""
    assert {*PROVIDERS, "random"} == set(config.STACK_PLACEHOLDERS)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_fault_says_what_it_does(name: str) -> None:
    """For people who choose one."""
    faults = PROVIDERS[name]().faults

    assert len(faults) > 10
    assert [fault.name for fault in faults.values() if not fault.summary] == []


def test_a_dropped_request_has_no_effect_and_a_lost_reply_has(todoist_url: str) -> None:
    """For the caller they look the same."""
    for fault in ("drop", "lost-reply"):
        arrange(todoist_url, "faults", name=fault, times=1)
        with pytest.raises(httpx.RemoteProtocolError):
            add(todoist_url)

    assert tasks(todoist_url) == 1
    assert add(todoist_url).status_code == 200


def test_half_a_body_is_half_a_body(todoist_url: str) -> None:
    """The head promised more."""
    arrange(todoist_url, "faults", name="cut-short", times=1)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        add(todoist_url)


def test_a_fault_hits_what_it_is_meant_for(todoist_url: str) -> None:
    """By path, method and body; some pass first, and it ends by itself."""
    arrange(todoist_url, "faults", name="server-error", path="/tasks", contains="bad", skip=1, times=2)

    statuses = [add(todoist_url, content).status_code for content in ("good", "bad", "bad", "good", "bad", "bad")]

    assert statuses == [200, 200, 500, 200, 500, 200]
    assert look(todoist_url, "faults")["switched"] == []


def test_faults_stand_in_a_row(todoist_url: str) -> None:
    """Each has its turn when the one before has ended."""
    for status in (500, 503):
        arrange(todoist_url, "faults", name="server-error", status=status, times=1)

    assert [add(todoist_url).status_code for _ in range(3)] == [500, 503, 200]


@pytest.mark.parametrize("given", [{"name": "nothing"}, {"name": "drop", "colour": "red"}])
def test_an_unknown_fault_or_setting_is_refused(todoist_url: str, given: dict[str, Any]) -> None:
    """And nothing is switched."""
    answer = asking.send("POST", f"{todoist_url}/__standin__/faults", json=given)

    assert answer.status_code == 422
    assert look(todoist_url, "faults")["switched"] == []


def test_whoever_is_kept_waiting_can_be_let_go(todoist_url: str) -> None:
    """Switching faults off does; nothing has to wait for its time."""
    arrange(todoist_url, "faults", name="slow", seconds=600)
    found: list[int] = []
    waiting = threading.Thread(target=lambda: found.append(add(todoist_url).status_code))
    waiting.start()
    asking.until(lambda: look(todoist_url, "state")["requests"] == 1)

    asking.send("DELETE", f"{todoist_url}/__standin__/faults")
    waiting.join(60)

    assert found == [200]


@pytest.mark.parametrize("after", [True, False])
def test_the_effect_comes_before_or_after_the_wait(todoist_url: str, *, after: bool) -> None:
    """Whoever gives up in between has done something, or has not yet."""
    arrange(todoist_url, "faults", name="slow", seconds=60, after=after)
    headers, impatient = {"Authorization": f"Bearer {TOKEN}"}, httpx.Timeout(60.0, read=0.2)

    with pytest.raises(httpx.ReadTimeout):
        asking.send("POST", f"{todoist_url}/api/v1/tasks", json={"content": "x"}, headers=headers, timeout=impatient)

    # Who has left is not waited for, but what was sent is taken.
    asking.until(lambda: look(todoist_url, "state")["requests"] == 1)
    if after:
        asking.until(lambda: tasks(todoist_url) == 1)
    assert tasks(todoist_url) == int(after)


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        ({"name": "too-large"}, lambda content: len(content) > 10 * 1024 * 1024),
        ({"name": "deep-nesting", "depth": 9}, lambda content: content.count(b"{") == 9),
        ({"name": "wrong-encoding"}, lambda content: content.startswith((b"\xff\xfe", b"\xfe\xff"))),
        ({"name": "empty-body"}, lambda content: content == b""),
        ({"name": "body", "body_base64": "AP8="}, lambda content: content == b"\x00\xff"),
    ],
)
def test_bodies_that_nobody_wants(todoist_url: str, fault: dict[str, Any], holds: Any) -> None:
    """Under a head that is as it should be."""
    arrange(todoist_url, "faults", **fault)

    answer = add(todoist_url)

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "application/json")
    assert holds(answer.content)


def test_a_reset_forgets_everything(todoist_url: str) -> None:
    """Rows, requests and faults."""
    add(todoist_url)
    arrange(todoist_url, "faults", name="drop")

    arrange(todoist_url, "reset")

    state = look(todoist_url, "state")
    assert (state["accounts"], state["requests"], state["faults"]) == ([], 0, [])
