"""When the smoke suite may run, and what it says of a wrong answer."""

import json

import httpx
import pytest

from backend.tests import smoke
from backend.tests.smoke import Settings


def client_that_gets(status: int, content: str) -> httpx.Client:
    """Return a client that always gets one answer."""
    return httpx.Client(
        base_url="http://api", transport=httpx.MockTransport(lambda _: httpx.Response(status, text=content))
    )


def settings_told(told: str) -> Settings:
    """Return settings of a run that was told which environment is meant."""
    return Settings(api_url="http://api", api_token="t", database_url="d", redis_url="r", told=told)


@pytest.mark.parametrize(("told", "where"), [("", "staging"), ("", "development"), ("prod", "production")])
def test_it_may(told: str, where: str) -> None:
    """Anywhere but in production; there when it is told so."""
    with client_that_gets(503, json.dumps({"environment": where})) as client:
        smoke.refuse_production(settings_told(told), client)


@pytest.mark.parametrize("told", ["", "staging", "local"])
@pytest.mark.parametrize("ready", [{"environment": "production"}, {"status": "ready"}, {"environment": None}])
def test_it_may_not(told: str, ready: dict[str, str]) -> None:
    """Production, and whatever does not say what it is, ends the run with 2."""
    with (
        client_that_gets(200, json.dumps(ready)) as client,
        pytest.raises(pytest.exit.Exception, match="-- --env prod") as refused,
    ):
        smoke.refuse_production(settings_told(told), client)

    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("status", "content", "look"),
    [
        (200, "<p>Welcome</p>", "somebody else answers"),
        (401, "{}", "API_TOKEN"),
        (429, "{}", "RATE_LIMIT_PER_MINUTE"),
        (500, "{}", "the API's log"),
        (502, "<p>Bad Gateway</p>", "the proxy and the API's container"),
    ],
)
def test_a_wrong_answer_says_where_to_look(status: int, content: str, look: str) -> None:
    """The service, and what of it."""
    with client_that_gets(status, content) as client, pytest.raises(pytest.fail.Exception, match=look):
        smoke.refuse_production(settings_told(""), client)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"contract": "query.v2"}, "not query.v1"),
        ({"contract": "query.v1", "answer": ""}, "not valid as query.v1: answer: .*; citations: Field required"),
    ],
)
def test_an_answer_of_another_form_is_named(said: dict[str, str], why: str) -> None:
    """Its contract, and the field that breaks it."""
    with client_that_gets(200, json.dumps(said)) as client:
        response = client.post("/v1/query/ask")

    with pytest.raises(pytest.fail.Exception, match=why):
        smoke.contract(response, "query.v1")
