"""The vendor's own client for Todoist works on the stand-in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from todoist_api_python.api import TodoistAPI

from tests.local.providers import asking
from tests.local.providers.asking import arrange

TOKEN = "todoist-standin-token"


class ToStandIn(httpx.BaseTransport):
    """Sends what is meant for Todoist to the stand-in: the client cannot be told another address."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._inner = httpx.HTTPTransport(verify=asking.PLAIN, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request elsewhere."""
        assert request.url.host == "api.todoist.com"
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close every connection."""
        self._inner.close()


@pytest.fixture
def client(todoist_url: str) -> Iterator[TodoistAPI]:
    """Return the vendor's client."""
    with TodoistAPI(TOKEN, client=httpx.Client(transport=ToStandIn(todoist_url))) as api:
        yield api


def test_tasks_are_added_read_and_changed(client: TodoistAPI) -> None:
    """What was given comes back, in the client's own types."""
    project = client.add_project("Engine")
    added = client.add_task("Call Ada", project_id=project.id, priority=4, labels=["phone"], due_string="every day")

    assert client.get_task(added.id) == added
    assert (added.project_id, added.priority, added.labels, added.is_completed) == (project.id, 4, ["phone"], False)
    assert added.due is not None
    assert added.due.is_recurring
    changed = client.update_task(added.id, content="Call Grace")
    assert (changed.content, changed.priority) == ("Call Grace", 4)


def test_a_task_is_completed_and_opened_again(client: TodoistAPI) -> None:
    """Completed it is listed by when."""
    added = client.add_task("Call Ada")
    now = datetime.now(UTC)

    assert client.complete_task(added.id)
    assert client.get_task(added.id).is_completed
    day = timedelta(days=1)
    pages = client.get_completed_tasks_by_completion_date(since=now - day, until=now + day)
    assert [task.id for page in pages for task in page] == [added.id]
    assert client.uncomplete_task(added.id)
    assert not client.get_task(added.id).is_completed


def test_a_deleted_task_looks_alive_to_it(client: TodoistAPI) -> None:
    """It does not read the tombstone's mark: one reason why the service has a client of its own."""
    added = client.add_task("Call Ada")

    assert client.delete_task(added.id)
    assert client.get_task(added.id).content == "Call Ada"


def test_it_pages_through_everything(client: TodoistAPI, todoist_url: str) -> None:
    """As many pages as the limit makes, each task once."""
    arrange(todoist_url, "items", token=TOKEN, items=[{"content": str(number)} for number in range(450)])

    pages = list(client.get_tasks(limit=200))

    assert [len(page) for page in pages] == [200, 200, 50]
    assert len({task.id for page in pages for task in page}) == 450


def test_projects_sections_and_labels_are_listed(client: TodoistAPI) -> None:
    """The inbox is among the projects."""
    project = client.add_project("Engine")
    section = client.add_section("Parts", project_id=project.id)
    label = client.add_label("phone")

    assert [each.name for page in client.get_projects() for each in page] == ["Inbox", "Engine"]
    assert [each.id for page in client.get_sections(project_id=project.id) for each in page] == [section.id]
    assert [each.id for page in client.get_labels() for each in page] == [label.id]


def test_its_errors_are_http_errors(client: TodoistAPI) -> None:
    """A task that is not there, and a limit that is too large."""
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        client.get_task("nothing")
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        list(client.get_tasks(limit=201))
