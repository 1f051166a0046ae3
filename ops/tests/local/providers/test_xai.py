"""The xAI stand-in answers as xAI does, and goes wrong as xAI does."""

import json
from typing import Any

import httpx
import pytest

from tests.local.providers import asking
from tests.local.providers.asking import arrange, look

KEY = "xai-standin-key"
NULLABLE = {"anyOf": [{"type": "string"}, {"type": "null"}]}
EXTRACT: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tasks", "people"],
    "properties": {"tasks": {"type": "array", "items": {"$ref": "#/$defs/Task"}}, "people": {"type": "array"}},
    "$defs": {
        "Task": {
            "type": "object",
            "required": ["title", "project", "priority"],
            "properties": {
                "title": {"type": "string"},
                "project": NULLABLE,
                "priority": {"type": ["integer", "null"], "minimum": 1, "maximum": 4},
            },
        }
    },
}
PLAN: dict[str, Any] = {
    "type": "object",
    "properties": {
        "today_plan": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "task_id": {"type": "string", "format": "uuid"},
                    "priority": {"type": "integer"},
                    "reason": {"type": "string", "minLength": 1},
                },
            },
        }
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "citations": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
}


class Api:
    """xAI's API, at either of its endpoints."""

    def __init__(self, url: str, *, is_responses: bool = True) -> None:
        self.url = url
        self.is_responses = is_responses

    def post(self, name: str, schema: object, said: object, **more: Any) -> httpx.Response:
        """Return the answer to a question that asks for a structure."""
        content = said if isinstance(said, str) else json.dumps(said)
        form = {"name": name, "schema": schema, "strict": True}
        if self.is_responses:
            asked: dict[str, Any] = {"input": [{"role": "user", "content": content}]}
            asked["text"] = {"format": {"type": "json_schema", **form}}
        else:
            asked = {"messages": [{"role": "user", "content": content}]}
            asked["response_format"] = {"type": "json_schema", "json_schema": form}
        path = "responses" if self.is_responses else "chat/completions"
        return self.send("POST", path, json={"model": "grok-4.7", **asked, **more})

    def send(self, method: str, path: str, *, key: str = KEY, **more: Any) -> httpx.Response:
        """Return the answer to a request."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return asking.send(method, f"{self.url}/v1/{path}", headers=headers, **more)

    def text(self, answer: httpx.Response) -> Any:  # JSON
        """Return what the model said."""
        data = answer.json()
        if not self.is_responses:
            return data["choices"][0]["message"]["content"]
        parts = [part for item in data["output"] if item["type"] == "message" for part in item["content"]]
        return parts[0]["text"] if parts else None

    def extract(self, **more: Any) -> httpx.Response:
        """Return the answer for a thought."""
        return self.post("extract_structured_updates", EXTRACT, {"text": "Call Ada\nabout the engine"}, **more)


@pytest.fixture(params=[True, False], ids=["responses", "completions"])
def api(xai_url: str, request: pytest.FixtureRequest) -> Api:
    """Return the API at one of its endpoints."""
    return Api(xai_url, is_responses=request.param)


def test_a_thought_becomes_a_task(api: Api) -> None:
    """Its first line is the title; what is not known is null."""
    said = json.loads(api.text(api.extract()))

    assert said == {"tasks": [{"title": "Call Ada", "project": None, "priority": 3}], "people": []}


def test_a_plan_has_the_tasks_that_were_given(api: Api) -> None:
    """Each once, in their order, wherever they stand in what the user says."""
    tasks = [{"id": f"00000000-0000-4000-8000-00000000000{n}", "title": "x", "priority": n} for n in (2, 1)]

    said = json.loads(api.text(api.post("rewrite_plan", PLAN, {"request": {"tasks": tasks}})))

    assert [(each["task_id"], each["priority"]) for each in said["today_plan"]] == [
        (task["id"], task["priority"]) for task in tasks
    ]


def test_an_answer_rests_on_the_passages(api: Api) -> None:
    """It is the first one's text, and cites them."""
    passages = [{"id": "00000000-0000-4000-8000-000000000007", "text": "The key is under the mat."}]

    said = json.loads(api.text(api.post("answer_query", ANSWER, {"question": "Where?", "passages": passages})))

    assert said == {"answer": "The key is under the mat.", "citations": [passages[0]["id"]], "confidence": 0.8}


def test_words_that_are_no_json_are_the_text(api: Api) -> None:
    """However somebody asks, there is an answer."""
    said = json.loads(api.text(api.post("extract_structured_updates", EXTRACT, "Buy milk")))

    assert said["tasks"][0]["title"] == "Buy milk"


def test_tokens_are_counted(api: Api) -> None:
    """Those of reasoning are in the total."""
    usage = api.extract().json()["usage"]

    assert usage["total_tokens"] > 0
    assert usage["cost_in_usd_ticks"] > 0


def test_a_spent_budget_cuts_the_answer(api: Api) -> None:
    """And the answer says so."""
    name = "max_output_tokens" if api.is_responses else "max_completion_tokens"
    data = api.extract(**{name: 3}).json()

    assert (data.get("status") or data["choices"][0]["finish_reason"]) in {"incomplete", "length"}


def test_what_is_stored_is_what_nobody_forbade(xai_url: str) -> None:
    """The default keeps it; store: false does not."""
    api = Api(xai_url)
    kept, not_kept = api.extract().json()["id"], api.extract(store=False).json()["id"]

    assert [api.send("GET", f"responses/{each}").status_code for each in (kept, not_kept)] == [200, 404]
    assert api.send("DELETE", f"responses/{kept}").json()["deleted"] is True
    assert look(xai_url, "state")["stored"] == 0


@pytest.mark.parametrize(
    ("asked", "answered"), [("grok-latest", "grok-4.7"), ("grok-4-fast-reasoning", "grok-4.3"), ("grok-3", "grok-4.3")]
)
def test_a_retired_model_is_another_one(xai_url: str, asked: str, answered: str) -> None:
    """Without a word: only the answer says which."""
    assert Api(xai_url).extract(model=asked).json()["model"] == answered


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"model": "grok-none"}, 404),
        ({"stop": ["x"]}, 400),
        ({"model": "grok-4.6", "reasoning_effort": "none"}, 400),
        ({"model": "grok-4.3", "reasoning_effort": "none"}, 200),
    ],
)
def test_parameters_are_checked(xai_url: str, more: dict[str, Any], status: int) -> None:
    """Each model knows its own."""
    assert Api(xai_url).extract(**more).status_code == status


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": []},
        {"anyOf": []},
        {"type": "object", "properties": {"a": True}},
        {"type": "array", "maxContains": 3},
        {"type": "array", "items": [{"type": "string"}]},
        "no schema",
    ],
)
def test_a_schema_that_is_not_supported_is_refused(api: Api, schema: object) -> None:
    """When it is asked for, in the flat form."""
    answer = api.post("x", schema, "y")

    assert (answer.status_code, sorted(answer.json())) == (400, ["code", "error"])


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [("", 401, "unauthenticated:no-credentials"), ("sk-wrong", 400, "Client specified an invalid argument")],
)
def test_a_wrong_key_is_400_and_none_is_401(api: Api, key: str, status: int, code: str) -> None:
    """The text of the first repeats a fragment of the key only."""
    answer = api.send("POST", "responses", key=key, json={})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not key or key not in answer.text


def test_a_blocked_key_can_still_be_looked_at(xai_url: str) -> None:
    """The probe tells blocked from wrong."""
    api = Api(xai_url)
    arrange(xai_url, "keys", key=KEY, state="blocked")

    probe = api.send("GET", "api-key")

    assert (api.extract().status_code, probe.status_code, probe.json()["api_key_blocked"]) == (403, 200, True)


def test_models_can_be_listed(xai_url: str) -> None:
    """As a list of ids."""
    names = [each["id"] for each in Api(xai_url).send("GET", "models").json()["data"]]

    assert "grok-4.7" in names


def test_content_is_what_a_test_says(api: Api) -> None:
    """Once, and in the endpoint's own wrapping."""
    arrange(api.url, "faults", name="content", text='{"odd": 1}', times=1)

    assert api.text(api.extract()) == '{"odd": 1}'
    assert api.text(api.extract()) != '{"odd": 1}'


@pytest.mark.parametrize(
    ("fault", "begins", "ends"),
    [
        ("fenced", "```json\n{", "}\n```"),
        ("prose", "Sure!", "else?"),
        ("two-objects", "{", "}"),
        ("truncated-stop", "{", ""),
        ("extra-keys", "{", '{"by": "the model"}}'),
        ("missing-keys", '{"people"', "}"),
        ("not-an-object", "[{", "}]"),
        ("lists-as-text", '{"tasks": "none"', "}"),
        ("number-as-string", "{", '"priority": "3"}], "people": []}'),
        ("nan", "{", '"priority": NaN}], "people": []}'),
        ("empty-content", "", ""),
    ],
)
def test_what_the_model_says_can_drift(api: Api, fault: str, begins: str, ends: str) -> None:
    """While the HTTP around it is right."""
    usual = api.text(api.extract())
    arrange(api.url, "faults", name=fault)

    said = api.text(api.extract())

    assert said != usual
    assert (said.startswith(begins), said.endswith(ends)) == (True, True)


def test_a_response_can_hold_no_text(xai_url: str) -> None:
    """Null, a refusal, a tool's call, nothing at all: in Responses' form."""
    api = Api(xai_url)
    kinds = []
    for fault in ("null-content", "refusal", "tool-call", "empty-output"):
        arrange(xai_url, "faults", name=fault, times=1)
        output = api.extract().json()["output"]
        kinds.append([(each["type"], [part["type"] for part in each.get("content", [])]) for each in output[1:]])

    assert kinds == [[("message", [])], [("message", ["refusal"])], [("function_call", [])], []]


def test_a_completion_can_hold_no_text(xai_url: str) -> None:
    """The same in Chat Completions' form."""
    api = Api(xai_url, is_responses=False)
    found = []
    for fault in ("null-content", "refusal", "tool-call"):
        arrange(xai_url, "faults", name=fault, times=1)
        choice = api.extract().json()["choices"][0]
        message = choice["message"]
        found.append((message["content"], bool(message["refusal"]), "tool_calls" in message, choice["finish_reason"]))
    arrange(xai_url, "faults", name="empty-output", times=1)

    assert found == [(None, False, False, "stop"), (None, True, False, "stop"), (None, False, True, "tool_calls")]
    assert api.extract().json()["choices"] == []


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ({"name": "rate-limit", "retry_after": 7}, 429, "Requests per Minute"),
        ({"name": "quota"}, 429, "credits"),
        ({"name": "server-error"}, 500, "internal"),
        ({"name": "server-error", "status": 503}, 503, "internal"),
        ({"name": "invalid-key"}, 400, "Incorrect API key"),
        ({"name": "forbidden"}, 403, "permission-denied"),
        ({"name": "nested-error"}, 400, "message"),
        ({"name": "plain-text"}, 404, "Not Found"),
        ({"name": "html"}, 200, "<!DOCTYPE html>"),
        ({"name": "bad-gateway"}, 502, "502 Bad Gateway"),
        ({"name": "body", "body": "{", "status": 201, "content_type": "text/odd"}, 201, "{"),
    ],
)
def test_errors_in_their_forms(api: Api, fault: dict[str, Any], status: int, word: str) -> None:
    """The text tells apart what the code does not."""
    arrange(api.url, "faults", **fault)

    answer = api.extract()

    assert (answer.status_code, word in answer.text) == (status, True)
    assert answer.headers.get("retry-after") == ("7" if "retry_after" in fault else None)


def test_a_fault_can_be_meant_for_one_operation(xai_url: str) -> None:
    """By what its request's body contains."""
    api = Api(xai_url)
    arrange(xai_url, "faults", name="server-error", contains="rewrite_plan")

    assert [api.extract().status_code, api.post("rewrite_plan", PLAN, "x").status_code] == [200, 500]
