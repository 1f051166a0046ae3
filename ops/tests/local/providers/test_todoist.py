"""The Todoist stand-in does what the API v1 documents, and what public reports show of it."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.local.providers import asking
from tests.local.providers.asking import arrange, look

TOKEN = "todoist-standin-token"
OTHER = "todoist-another-token"
KINDS = ["items", "projects", "sections", "labels"]


class Api:
    """The API v1, as one account asks it."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client = client
        self.url = url

    def get(self, path: str, **query: Any) -> Any:  # JSON
        """Return what a list or an object says."""
        return self.client.get(path, params=query).json()

    def post(self, path: str, **body: Any) -> Any:  # JSON
        """Return what an endpoint that changes something says; None for an empty success."""
        answer = self.client.post(path, json=body)
        return answer.json() if answer.content else None

    def sync(self, since: str = "*", kinds: list[str] | None = None) -> dict[str, Any]:
        """Return what has changed since a token."""
        told = {"sync_token": since, "resource_types": json.dumps(kinds or KINDS)}
        return dict(self.client.post("/sync", data=told).json())

    def run(self, *commands: dict[str, Any]) -> dict[str, Any]:
        """Execute commands in one batch."""
        return dict(self.client.post("/sync", data={"commands": json.dumps(commands)}).json())

    def do(self, kind: str, **args: Any) -> Any:  # JSON
        """Execute one command, and return its status."""
        return next(iter(self.run(command(kind, **args))["sync_status"].values()))

    def add(self, content: str, **args: Any) -> str:
        """Add a task by a command, and return its id."""
        made = self.run(command("item_add", content=content, **args))
        return str(next(iter(made["temp_id_mapping"].values())))


def command(kind: str, /, **args: Any) -> dict[str, Any]:
    """Return a command with an id of its own."""
    return {"type": kind, "uuid": str(uuid4()), "temp_id": str(uuid4()), "args": args}


def open_api(url: str, token: str) -> httpx.Client:
    """Return a client of one account."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{url}/api/v1", headers=headers, verify=asking.PLAIN, trust_env=False, timeout=120)


@pytest.fixture
def api(todoist_url: str) -> Iterator[Api]:
    """Return the API as one account asks it."""
    with open_api(todoist_url, TOKEN) as client:
        yield Api(client, todoist_url)


def test_a_full_sync_begins_with_the_inbox(api: Api) -> None:
    """And says that it is full, and of when."""
    said = api.sync()

    assert [project["inbox_project"] for project in said["projects"]] == [True]
    assert (said["full_sync"], said["items"], "full_sync_date_utc" in said) == (True, [], True)


def test_a_delta_has_what_changed_only(api: Api) -> None:
    """Its own token goes on from there."""
    api.add("one")
    first = api.sync()
    second_id = api.add("two")

    delta = api.sync(first["sync_token"])

    assert (delta["full_sync"], [item["id"] for item in delta["items"]]) == (False, [second_id])
    assert "full_sync_date_utc" not in delta
    assert api.sync(delta["sync_token"])["items"] == []


def test_a_form_and_json_say_the_same(api: Api) -> None:
    """The vendor's clients send either."""
    api.add("one")

    as_json = api.client.post("/sync", json={"sync_token": "*", "resource_types": ["items"]}).json()

    assert as_json["items"] == api.sync(kinds=["items"])["items"]


def test_temporary_ids_work_inside_a_batch(api: Api) -> None:
    """A task can go into a project that the same batch makes."""
    project = command("project_add", name="Engine")
    parent = command("item_add", content="parent", project_id=project["temp_id"])
    child = command("item_add", content="child", parent_id=parent["temp_id"])

    made = api.run(project, parent, child)["temp_id_mapping"]

    item = api.get(f"/tasks/{made[child['temp_id']]}")
    assert (item["project_id"], item["parent_id"]) == (made[project["temp_id"]], made[parent["temp_id"]])


def test_a_command_is_executed_once(api: Api) -> None:
    """A replay answers what the first answered, and changes nothing."""
    batch = [command("item_add", content=f"task {number}") for number in range(3)]

    first, again = api.run(*batch), api.run(*batch)

    assert first["temp_id_mapping"] == again["temp_id_mapping"]
    assert set(again["sync_status"].values()) == {"ok"}
    assert len(api.sync()["items"]) == 3


def test_part_of_a_batch_can_fail(api: Api) -> None:
    """HTTP 200; the others are executed, and the failed one is tried again when it comes again."""
    bad, good = command("item_update", id="nothing", content="x"), command("item_add", content="good")

    status = api.run(bad, good)["sync_status"]

    assert status[good["uuid"]] == "ok"
    assert (status[bad["uuid"]]["http_code"], status[bad["uuid"]]["error_tag"]) == (404, "NOT_FOUND")
    assert api.run(bad)["sync_status"][bad["uuid"]]["error_code"] == 478


@pytest.mark.parametrize(
    ("kind", "args", "tag"),
    [
        ("item_add", {}, "ARGUMENT_MISSING"),
        ("item_add", {"content": "x", "priority": 5}, "INVALID_ARGUMENT_VALUE"),
        ("item_add", {"content": "x", "due": {"string": "whenever"}}, "INVALID_ARGUMENT_VALUE"),
        ("item_add", {"content": "x" * 501}, "INVALID_ARGUMENT_VALUE"),
        ("item_add", {"content": "x", "project_id": str(uuid4())}, "INVALID_TEMPID"),
        ("item_dance", {}, "INVALID_ARGUMENT_VALUE"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(api: Api, kind: str, args: dict[str, Any], tag: str) -> None:
    """In its own status."""
    assert api.do(kind, **args)["error_tag"] == tag


def test_a_batch_has_a_hundred_commands_at_most(api: Api) -> None:
    """One more is refused as a whole."""
    answer = api.client.post("/sync", json={"commands": [command("item_add", content="x")] * 101})

    assert (answer.status_code, api.sync()["items"]) == (400, [])


def test_a_completed_task_is_in_the_delta_only(api: Api) -> None:
    """Checked, with the time; no list has it, and by its id it can be had."""
    item_id = api.add("one")
    token = api.sync()["sync_token"]
    api.do("item_complete", id=item_id)

    (item,) = api.sync(token)["items"]

    assert (item["checked"], item["completed_at"] is not None) == (True, True)
    assert (api.sync()["items"], api.get("/tasks")["results"]) == ([], [])
    assert api.get(f"/tasks/{item_id}")["checked"] is True


def test_a_deleted_task_leaves_a_tombstone(api: Api) -> None:
    """In the delta and by its id, with 200; where that is mended, with 404."""
    item_id = api.add("one")
    token = api.sync()["sync_token"]
    api.client.delete(f"/tasks/{item_id}")

    assert [item["is_deleted"] for item in api.sync(token)["items"]] == [True]
    assert api.get(f"/tasks/{item_id}")["is_deleted"] is True
    arrange(api.url, "settings", deleted_are_gone=True)
    assert api.client.get(f"/tasks/{item_id}").status_code == 404


def test_a_recurring_task_goes_on(api: Api) -> None:
    """A click brings it to its next date, the same task; completing it by command ends it."""
    arrange(api.url, "clock", now="2026-11-21T10:00:00+00:00")
    item_id = api.add("water", due={"string": "every monday at 9am"})
    assert api.get(f"/tasks/{item_id}")["due"]["date"] == "2026-11-23T09:00:00"
    token = api.sync()["sync_token"]

    api.post(f"/tasks/{item_id}/close")

    (item,) = api.sync(token)["items"]
    assert (item["checked"], item["due"]["date"], item["due"]["is_recurring"]) == (False, "2026-11-30T09:00:00", True)
    api.do("item_complete", id=item_id)
    assert api.get(f"/tasks/{item_id}")["checked"] is True


@pytest.mark.parametrize(
    ("words", "first", "following"),
    [
        ("every day", "2026-11-21", "2026-11-22"),
        ("daily", "2026-11-21", "2026-11-22"),
        ("every 3 days", "2026-11-21", "2026-11-24"),
        ("every other week", "2026-11-21", "2026-12-05"),
        ("every weekday", "2026-11-23", "2026-11-24"),
        ("every mon, thu", "2026-11-23", "2026-11-26"),
        ("every month", "2026-11-21", "2026-12-21"),
        ("every year", "2026-11-21", "2027-11-21"),
    ],
)
def test_words_say_how_it_recurs(api: Api, words: str, first: str, following: str) -> None:
    """On a Saturday."""
    arrange(api.url, "clock", now="2026-11-21T10:00:00+00:00")
    item_id = api.add("water", due={"string": words})
    seen = [api.get(f"/tasks/{item_id}")["due"]["date"]]
    api.post(f"/tasks/{item_id}/close")

    assert [*seen, api.get(f"/tasks/{item_id}")["due"]["date"]] == [first, following]


def test_what_is_overdue_comes_back_in_the_future(api: Api) -> None:
    """Not on each day that was missed."""
    arrange(api.url, "clock", now="2026-11-21T10:00:00+00:00")
    item_id = api.add("water", due={"string": "every day"})
    arrange(api.url, "clock", now="2026-11-28T10:00:00+00:00")

    api.post(f"/tasks/{item_id}/close")

    assert api.get(f"/tasks/{item_id}")["due"]["date"] == "2026-11-29"


@pytest.mark.parametrize(
    ("given", "date", "timezone"),
    [
        ({"date": "2026-12-01"}, "2026-12-01", None),
        ({"date": "2026-12-01T09:30:00"}, "2026-12-01T09:30:00", None),
        ({"date": "2026-12-01T09:30:00Z", "timezone": "Europe/Berlin"}, "2026-12-01T09:30:00Z", "Europe/Berlin"),
        ({"date": "2026-12-01T09:30:00Z"}, "2026-12-01T09:30:00Z", "UTC"),
        ({"string": "tomorrow"}, "2026-11-22", None),
        ({"string": "friday 3pm"}, "2026-11-27T15:00:00", None),
    ],
)
def test_a_due_date_has_three_forms(api: Api, given: dict[str, str], date: str, timezone: str | None) -> None:
    """All day, in the owner's zone, and fixed."""
    arrange(api.url, "clock", now="2026-11-21T10:00:00+00:00")

    due = api.get(f"/tasks/{api.add('x', due=given)}")["due"]

    assert (due["date"], due["timezone"], due["is_recurring"]) == (date, timezone, False)


def test_an_update_does_not_move(api: Api) -> None:
    """Only what was given changes; a move is a command of its own."""
    project = api.post("/projects", name="Engine")["id"]
    item_id = api.add("one", description="kept", due={"date": "2026-12-01"})

    changed = api.post(f"/tasks/{item_id}", content="two", project_id=project, due_string="no date")
    moved = api.post(f"/tasks/{item_id}/move", project_id=project)

    assert (changed["content"], changed["description"], changed["due"]) == ("two", "kept", None)
    assert (changed["project_id"] == project, moved["project_id"] == project) == (False, True)


def test_what_is_below_goes_along(api: Api) -> None:
    """Completed, moved and deleted with it; opened again it opens what is above."""
    parent = api.add("parent")
    child = api.add("child", parent_id=parent)

    api.do("item_complete", id=parent)
    assert api.get(f"/tasks/{child}")["checked"] is True
    api.do("item_uncomplete", id=child)
    assert [api.get(f"/tasks/{each}")["checked"] for each in (parent, child)] == [False, False]
    api.do("item_delete", id=parent)
    assert api.get(f"/tasks/{child}")["is_deleted"] is True


def test_a_deleted_project_takes_its_tasks(api: Api) -> None:
    """The delta names the project; its tasks are in no list any more."""
    project = api.post("/projects", name="Engine")["id"]
    api.add("one", project_id=project)
    token = api.sync()["sync_token"]

    api.client.delete(f"/projects/{project}")

    delta = api.sync(token)
    assert ([each["is_deleted"] for each in delta["projects"]], delta["items"]) == ([True], [])
    assert api.get("/tasks")["results"] == []


def test_pages_have_fifty_rows_and_200_at_most(api: Api) -> None:
    """A cursor leads on, and belongs to its parameters."""
    arrange(api.url, "items", token=TOKEN, items=[{"content": str(number)} for number in range(120)])
    seen, cursor = [], None
    while True:
        page = api.get("/tasks", **({"cursor": cursor} if cursor else {}))
        seen.append(len(page["results"]))
        if not (cursor := page["next_cursor"]):
            break
    other = api.get("/tasks")["next_cursor"]

    assert seen == [50, 50, 20]
    assert api.client.get("/tasks", params={"limit": 201}).status_code == 400
    assert api.client.get("/tasks", params={"cursor": other, "label": "x"}).status_code == 400


def test_pages_can_repeat_rows(api: Api) -> None:
    """As Todoist's do when something changes meanwhile."""
    arrange(api.url, "items", token=TOKEN, items=[{"content": str(number)} for number in range(4)])
    arrange(api.url, "settings", repeat_rows=True)
    first = api.get("/tasks", limit=2)

    second = api.get("/tasks", limit=2, cursor=first["next_cursor"])

    assert second["results"][0] == first["results"][-1]


def test_completed_tasks_are_listed_by_when(api: Api) -> None:
    """Under `items`; every occurrence of what recurs; three months at most."""
    arrange(api.url, "clock", now="2026-11-21T10:00:00+00:00")
    once, daily = api.add("once"), api.add("daily", due={"string": "every day"})
    for item_id in (once, daily, daily):
        api.post(f"/tasks/{item_id}/close")
    path, window = "/tasks/completed/by_completion_date", {"since": "2026-11-21T00:00:00Z"}

    found = api.get(path, **window, until="2026-11-22T00:00:00Z")

    assert [item["content"] for item in found["items"]] == ["once", "daily", "daily"]
    assert api.get(path, **window, until="2026-11-21T09:00:00Z")["items"] == []
    assert api.client.get(path, params={**window, "until": "2027-11-21T00:00:00Z"}).status_code == 400


def test_what_happened_can_be_asked(api: Api) -> None:
    """By kind, the latest first."""
    item_id = api.add("one")
    api.do("item_delete", id=item_id)

    found = api.get("/activities", object_event_types='["item:deleted"]')

    assert [(row["object_id"], row["event_type"]) for row in found["results"]] == [(item_id, "deleted")]


def test_accounts_do_not_see_each_other(api: Api) -> None:
    """A token has an account of its own, and the probe says whose it is."""
    api.add("mine")
    arrange(api.url, "accounts", token=OTHER, email="other@localhost", timezone="Europe/Berlin")

    with open_api(api.url, OTHER) as client:
        assert client.get("/tasks").json()["results"] == []
        assert client.get("/user").json()["tz_info"]["timezone"] == "Europe/Berlin"


def test_a_new_token_ends_the_old_one(api: Api) -> None:
    """The account goes on under the new one."""
    api.add("mine")
    arrange(api.url, "revoke", token=TOKEN, replaced_by=OTHER)

    refused = api.client.get("/user")

    assert (refused.status_code, refused.json()["error_tag"]) == (401, "AUTH_INVALID_TOKEN")
    with open_api(api.url, OTHER) as client:
        assert len(client.get("/tasks").json()["results"]) == 1


def test_a_token_of_another_life_gets_everything(api: Api) -> None:
    """As after the account was replaced; what is no token at all is refused."""
    token = api.sync()["sync_token"]
    arrange(api.url, "reset")

    assert api.sync(token)["full_sync"] is True
    assert api.client.post("/sync", data={"sync_token": "?", "resource_types": '["items"]'}).status_code == 400


def test_syncs_are_limited(api: Api) -> None:
    """Full ones apart from deltas; the answer says how long to wait, twice."""
    arrange(api.url, "settings", full_limit=1, partial_limit=2)
    token = api.sync()["sync_token"]

    refused = api.client.post("/sync", data={"sync_token": "*", "resource_types": '["items"]'})

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == refused.json()["error_extra"]["retry_after"]
    assert [api.sync(token).get("error_code") for _ in range(3)] == [None, None, 35]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/Tasks", 404), ("/rest/v2/tasks", 410), ("/sync/v9/sync", 410), ("/api/v1/sync", 405)],
)
def test_what_is_not_there(api: Api, path: str, status: int) -> None:
    """The versions before are gone; paths are in lower case; nothing is read by GET from the Sync endpoint."""
    headers = {"Authorization": f"Bearer {TOKEN}"}

    assert asking.send("GET", f"{api.url}{path}", headers=headers).status_code == status


def test_times_have_seconds(api: Api) -> None:
    """Six digits on the wire, of which none counts; a test can take the time away."""
    item_id = api.add("one")
    assert api.get(f"/tasks/{item_id}")["updated_at"].endswith(".000000Z")

    arrange(api.url, "settings", null_updated_at=True)

    assert api.get(f"/tasks/{item_id}")["updated_at"] is None


def test_somebody_edits_in_the_app(api: Api) -> None:
    """A test adds and changes tasks without a command of the account's."""
    (item_id,) = arrange(api.url, "items", token=TOKEN, items=[{"content": "theirs"}])["ids"]
    token = api.sync()["sync_token"]

    changes = {"id": item_id, "content": "changed", "due": {"string": "every day"}, "updated_at": None}
    arrange(api.url, "items", token=TOKEN, items=[changes])

    (item,) = api.sync(token)["items"]
    assert (item["content"], item["due"]["is_recurring"], item["updated_at"]) == ("changed", True, None)


def test_ten_thousand_tasks_are_no_burden(api: Api) -> None:
    """Added, synced, changed one by one and paged through: whole, and within what a client waits."""
    ids = arrange(api.url, "items", token=TOKEN, items=[{"content": str(number)} for number in range(10_000)])["ids"]
    full = api.sync(kinds=["items"])
    for start in range(0, 1_000, 100):
        api.run(*(command("item_complete", id=item_id) for item_id in ids[start : start + 100]))
    delta = api.sync(full["sync_token"], kinds=["items"])
    first = api.get("/tasks", limit=200)

    assert (len(full["items"]), len(delta["items"]), len(first["results"])) == (10_000, 1_000, 200)


def test_what_came_in_can_be_looked_at(api: Api) -> None:
    """Parsed, oldest first, without who proved to be whom."""
    api.sync()
    api.get("/tasks", limit=7)

    found = look(api.url, "requests", path="/api/v1")["requests"]

    assert [(each["method"], each["path"]) for each in found] == [("POST", "/api/v1/sync"), ("GET", "/api/v1/tasks")]
    assert (found[0]["body"]["sync_token"], found[1]["query"]) == ("*", {"limit": "7"})
    assert TOKEN not in json.dumps(found)
