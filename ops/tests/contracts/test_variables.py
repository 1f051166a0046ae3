"""One variable of an application at Coolify: its value is set, and everything else of it stays as it is."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from gonogo.adapters.coolify import Coolify
from gonogo.errors import GonogoError, RefusedError, UnreachableError
from gonogo.local.coolify.records import Variable
from gonogo.model import JSON, Secret
from gonogo.testing import MemoryClock, Scene
from tests.contracts import coolify
from tests.contracts.answering import Answering, Reply, answering
from tests.contracts.coolify import StandIn

KEY = "DATABASE_URL"
OLD, NEW = Secret(KEY, "old-value-0123456789"), Secret(KEY, "new-value-0123456789")
FLAGS = {"is_literal": True, "is_multiline": True, "is_runtime": True, "is_buildtime": False, "comment": "of the pair"}
RIGHTS = ("read", "read:sensitive", "write", "deploy")

pytestmark = pytest.mark.contracts


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """Return a stand-in with two applications."""
    with coolify.serving() as opened:
        yield opened


def put(standin: StandIn, **columns: Any) -> None:
    """Let the API have the variable, and its preview another value, and no other variable."""
    made = {"key": KEY, "value": OLD.reveal(), "app": standin.api, "created_at": "", "updated_at": "", **columns}

    def put_in() -> None:
        store = standin.store
        for each in list(store.variables):
            store.variables.remove(each.uuid)
        for is_preview, value in ((True, "of-previews"), (False, made["value"])):
            row = {**made, "is_preview": is_preview, "value": value}
            store.variables.put(Variable(**row, number=store.number(), uuid=store.new_uuid()))

    standin.inside(put_in)


def rows(standin: StandIn) -> dict[bool, dict[str, Any]]:
    """Return the variable's rows, by whether they are the previews'."""
    return {each.is_preview: asdict(each) for each in standin.inside(lambda: list(standin.store.variables))}


def test_each_flag_stays_and_previews_keep_their_own_value(standin: StandIn) -> None:
    """What a request leaves out Coolify resets."""
    put(standin, **FLAGS)
    client = standin.client(*RIGHTS)
    client.change_value(standin.api, KEY, NEW)
    found = rows(standin)
    assert {name: found[False][name] for name in FLAGS} == FLAGS
    assert (found[False]["value"], found[True]["value"]) == (NEW.reveal(), "of-previews")
    value = client.value(standin.api, KEY)
    assert value is not None
    assert value.reveal() == NEW.reveal()


def test_a_dollar_is_set_where_it_is_literal_and_nowhere_else(standin: StandIn) -> None:
    """Else what follows it would be replaced, and the service be told another value."""
    dollar = Secret(KEY, "new-$value-0123456789")
    put(standin, is_literal=False)
    with pytest.raises(RefusedError, match="not marked literal") as caught:
        standin.client(*RIGHTS).change_value(standin.api, KEY, dollar)
    assert dollar.reveal() not in f"{caught.value.message}{caught.value.hint}"
    assert rows(standin)[False]["value"] == OLD.reveal()
    put(standin, is_literal=True)
    standin.client(*RIGHTS).change_value(standin.api, KEY, dollar)
    assert rows(standin)[False]["value"] == dollar.reveal()


def test_a_value_that_may_not_be_read_is_told_with_its_way_out(standin: StandIn) -> None:
    """A locked one, a token without the right, and one that is not there."""
    put(standin, is_shown_once=True)
    with pytest.raises(RefusedError, match="may not be read") as locked:
        standin.client(*RIGHTS).value(standin.api, KEY)
    assert "unlocked" in locked.value.hint
    put(standin)
    with pytest.raises(RefusedError, match="may not be read") as hidden:
        standin.client("read", "write").value(standin.api, KEY)
    assert "read:sensitive" in hidden.value.hint
    assert standin.client(*RIGHTS).value(standin.api, "OTHER") is None
    with pytest.raises(RefusedError, match="knows no variable OTHER"):
        standin.client(*RIGHTS).change_value(standin.api, "OTHER", NEW)


def test_a_token_that_may_not_write_changes_nothing(standin: StandIn) -> None:
    """By Coolify's own words."""
    put(standin)
    with pytest.raises(GonogoError):
        standin.client("read", "read:sensitive").change_value(standin.api, KEY, NEW)
    assert rows(standin)[False]["value"] == OLD.reveal()


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return a Coolify that answers as it is told."""
    with answering() as opened:
        path = "/api/v1/applications/app/envs"
        opened.replies[f"GET {path}"] = Reply(body=[{"key": KEY, "value": OLD.reveal(), "is_preview": False}])
        yield opened


def _client(server: Answering) -> Coolify:
    """Return a client that takes the server for Coolify."""
    return Coolify(server.url, Secret("COOLIFY_TOKEN", "token"), timeout_s=60.0, clock=MemoryClock(Scene()))


@pytest.mark.parametrize("status", [409, 422, 500])
def test_a_change_that_is_refused_is_an_error_without_the_value(server: Answering, status: int) -> None:
    """It is asked for once."""
    said: JSON = {"message": f"The value {NEW.reveal()} is invalid", "errors": {"value": [NEW.reveal()]}}
    server.replies["PATCH /api/v1/applications/app/envs"] = Reply(status=status, body=said)
    with pytest.raises((RefusedError, UnreachableError)) as caught:
        _client(server).change_value("app", KEY, NEW)
    shown = f"{caught.value.message}{caught.value.why}{caught.value.hint}"
    assert NEW.reveal() not in shown
    assert [each.method for each in server.asked].count("PATCH") == 1


def test_a_change_that_is_said_to_be_done_and_is_not_is_found_out(server: Answering) -> None:
    """It is read back."""
    server.replies["PATCH /api/v1/applications/app/envs"] = Reply(status=201, body={})
    with pytest.raises(RefusedError, match="keeps another value"):
        _client(server).change_value("app", KEY, NEW)
