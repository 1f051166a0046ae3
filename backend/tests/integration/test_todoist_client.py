"""What Todoist answers is used as a whole, or a task at a time, or not at all."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from backend.core import clock
from backend.core.errors import ServiceError
from backend.db.unit_of_work import Database
from backend.providers.http import Answer
from backend.providers.todoist.client import TodoistAccess, opened
from backend.providers.todoist.errors import (
    TodoistForbiddenError,
    TodoistRequestError,
    TodoistUnavailableError,
    TodoistUnreadableError,
)
from backend.providers.todoist.parsing import delay_of
from backend.providers.todoist.records import Command, Window
from backend.tests.integration.todoist_world import Both, both_sides

GOOD = {"id": "G1", "content": "good", "checked": False, "is_deleted": False}


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


def answer_with(both: Both, body: object, *, times: int | None = None) -> None:
    """Make every sync answer with this."""
    text = body if isinstance(body, str) else json.dumps(body)
    both.there.fault("body", body=text, path="/sync", times=times)


MALFORMED_FRAMES: list[Any] = [
    "",
    "null",
    "[]",
    "{",
    "NaN",
    "<html>",
    '{"a":' * 50_000,
    {},
    {"sync_token": 3, "items": []},
    {"sync_token": "", "items": []},
    {"sync_token": "t\x00\ud800", "items": []},
    {"sync_token": "t", "items": {}},
    {"sync_token": "t", "items": None},
    {"sync_token": "t", "projects": "x"},
    {"sync_token": "t", "full_sync": "yes"},
    {"sync_token": "t", "sync_status": [1]},
    {"sync_token": "t", "temp_id_mapping": ["x"]},
]


@pytest.mark.parametrize("body", MALFORMED_FRAMES, ids=str)
async def test_an_answer_without_its_frame_changes_nothing(both: Both, body: object) -> None:
    """Not the token either; the command that it should have settled is sent again."""
    both.here.add("Call Jo")
    await both.sync()
    both.here.add("Call Al")
    before = both.here.snapshot()
    answer_with(both, body)

    with pytest.raises(TodoistUnreadableError):
        await both.sync()

    assert both.here.snapshot() == before
    both.there.heal()
    await both.sync()
    assert both.there.open_titles() == both.here.open_titles() == ["Call Al", "Call Jo"]


MALFORMED_ITEMS: list[Any] = [
    None,
    3,
    [],
    {},
    {**GOOD, "id": None},
    {**GOOD, "id": 3},
    {**GOOD, "id": "../user"},
    {**GOOD, "content": 3},
    {**GOOD, "content": "x" * 3_000},
    {**GOOD, "content": "\ud800"},
    {**GOOD, "priority": "4"},
    {**GOOD, "priority": 9},
    {**GOOD, "checked": "no"},
    {**GOOD, "labels": "a"},
    {**GOOD, "labels": [1]},
    {**GOOD, "due": "2026-11-27"},
    {**GOOD, "due": {"date": None}},
    {**GOOD, "due": {"date": "2026-99-99"}},
    {**GOOD, "project_id": 7},
]


async def test_a_malformed_task_is_left_out_and_the_others_are_taken(both: Both) -> None:
    """Each is counted, none breaks the run."""
    await both.sync()
    items = [*({**each, "id": f"B{n}"} if _has_id(each) else each for n, each in enumerate(MALFORMED_ITEMS)), GOOD]
    projects = [None, {"id": "P9", "name": 3}, {"id": "P1", "name": "Garden"}, {"id": "P2", "name": " "}]
    answer_with(both, {"sync_token": "t", "full_sync": False, "items": items, "projects": projects}, times=1)

    run = await both.sync()

    assert both.here.open_titles() == ["good"]
    assert run.counts["malformed"] == len(MALFORMED_ITEMS) + 2
    assert both.here.rows("SELECT name FROM projects") == [{"name": "Garden"}]


def _has_id(value: object) -> bool:
    return isinstance(value, dict) and value.get("id") == "G1"


async def test_nul_is_left_out_of_texts(both: Both) -> None:
    """The database cannot hold it."""
    await both.sync()
    answer_with(both, {"sync_token": "t", "items": [{**GOOD, "content": "a\x00b", "labels": ["\x00x"]}]}, times=1)

    await both.sync()

    assert both.here.titled("ab")["labels"] == ["x"]


async def test_a_command_without_a_usable_end_stays_open(both: Both) -> None:
    """It is sent again by the next run, under the same uuid."""
    both.here.add("Call Jo")
    both.there.fault("lost-reply", path="/sync", times=1, skip=2)
    with pytest.raises(TodoistUnavailableError):
        await both.sync()
    (row,) = both.here.rows("SELECT uuid, state FROM todoist_commands")
    answer_with(both, {"sync_token": "t", "items": [], "sync_status": {str(row["uuid"]): 7}}, times=1)
    await both.sync()
    assert both.here.rows("SELECT state FROM todoist_commands") == [{"state": "new"}]
    both.here.execute("UPDATE todoist_accounts SET sync_token = NULL")

    await both.sync()

    assert both.there.open_titles() == both.here.open_titles() == ["Call Jo"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"name": "unauthorized"}, TodoistForbiddenError),
        ({"name": "forbidden"}, TodoistForbiddenError),
        ({"name": "rate-limit", "retry_after": 7}, TodoistUnavailableError),
        ({"name": "server-error", "status": 503, "retry_after": 7}, TodoistUnavailableError),
        ({"name": "server-error"}, TodoistUnavailableError),
        ({"name": "bad-gateway"}, TodoistUnavailableError),
        ({"name": "drop"}, TodoistUnavailableError),
        ({"name": "html"}, TodoistUnreadableError),
        ({"name": "empty-body"}, TodoistUnreadableError),
        ({"name": "deep-nesting"}, TodoistUnreadableError),
        ({"name": "wrong-encoding"}, TodoistUnreadableError),
        ({"name": "too-large"}, TodoistUnreadableError),
        ({"name": "body", "status": 404, "body": "gone"}, TodoistRequestError),
    ],
    ids=str,
)
async def test_each_failure_is_an_error_that_says_what_to_do(
    both: Both, fault: dict[str, Any], error: type[ServiceError]
) -> None:
    """With the wait that was asked for, and without the token."""
    both.there.fault(fault["name"], **{key: value for key, value in fault.items() if key != "name"})

    async with opened(both.there.access) as todoist:
        with pytest.raises(error) as caught:
            await todoist.sync("*")

    assert both.there.token not in str(caught.value)
    if "retry_after" in fault:
        assert isinstance(caught.value, TodoistUnavailableError)
        assert caught.value.delay == timedelta(seconds=7)


@pytest.mark.parametrize(
    "wanted",
    ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +99999999999999999999", "soon", "-7"],
)
def test_a_wait_that_is_no_wait_is_none(wanted: str) -> None:
    """Nor is it an error of its own."""
    assert delay_of(Answer(status=503, headers={"retry-after": wanted}, content=b"")) == timedelta()


async def test_a_revoked_token_blocks_until_a_person_acts(both: Both) -> None:
    """The status says so."""
    both.there.control("revoke", token=both.there.token, replaced_by="another-token-of-length")

    with pytest.raises(TodoistForbiddenError):
        await both.sync()

    assert both.here.last_run()["state"] == "blocked"
    assert "TODOIST_API_TOKEN" in both.here.last_run()["error"]


async def test_single_reads(both: Both) -> None:
    """A task that is over, one that never was, completed ones on several pages, and the account."""
    done = both.there.add("done")
    both.there.do("item_complete", {"id": done})
    both.there.do_all([("item_complete", {"id": each}) for each in [both.there.add(f"t{n}") for n in range(3)]])
    both.there.control("settings", repeat_rows=True)
    async with opened(both.there.access) as todoist:
        item = await todoist.get_task(done)
        assert item is not None
        assert item.checked
        assert await todoist.get_task("nosuchtask") is None
        window = Window(since=clock.now() - timedelta(days=1), until=clock.now() + timedelta(days=1))
        completed = await todoist.completed_since(window, most=1_000)
        assert (len(completed.items), completed.is_cut) == (4, False)
        assert (await todoist.user()).inbox_project_id == both.there.projects()["Inbox"]


async def test_the_resource_with_the_token_is_never_asked_for(both: Both) -> None:
    """Only tasks and projects are."""
    both.here.add("Call Jo")
    await both.sync()
    await both.reconcile()

    requests = both.there.seen()

    wanted = {each["body"].get("resource_types") for each in requests if each["path"].endswith("/sync")}
    assert wanted <= {'["items", "projects"]', None}
    assert {each["path"] for each in requests} == {"/api/v1/sync"}


async def test_nobody_there() -> None:
    """An address where nothing listens."""
    access = TodoistAccess(base_url="http://127.0.0.1:1", token=SecretStr("x" * 40), owner_email="a@b")
    async with opened(access) as todoist:
        with pytest.raises(TodoistUnavailableError, match="TODOIST_BASE_URL"):
            await todoist.sync("*", commands=[Command(type="item_add", uuid="u", args={})])
