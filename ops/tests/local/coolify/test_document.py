"""What the stand-in says is what Coolify's own document says, but where the server is known to differ from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from gonogo.local.coolify.api import ENDPOINTS
from gonogo.local.coolify.control import create_database
from tests.local.scripted import NEW, OLD, Platform, settle

_DOCUMENT = Path(__file__).parents[5] / "shared" / "coolify" / "openapi.json"
pytestmark = pytest.mark.skipif(not _DOCUMENT.exists(), reason="Coolify's openapi.json is not next to the repository")

_APP = "/applications/{uuid}"
_DATABASE = "/databases/{uuid}"
_SCHEDULE = f"{_DATABASE}/backups/{{scheduled_backup_uuid}}"
_TASK = f"{_APP}/scheduled-tasks/{{task_uuid}}"

# Where the document is wrong, and the server's controllers were followed: (method, path, place in the answer, why).
_DIFFERS: tuple[tuple[str, str, str, str], ...] = (
    ("GET", "/deployments/applications/{uuid}", "", "documented as an array of applications; it is `count` and rows"),
    ("GET", "/databases", "", "documented as a text, `later`; it is an array"),
    ("GET", _DATABASE, "", "documented as a text, `later`; it is an object"),
    ("GET", f"{_DATABASE}/backups", "", "documented as a text, `later`; it is an array"),
    ("GET", f"{_SCHEDULE}/executions", "executions/*/size", "documented as a number; null until the dump has ended"),
    ("GET", f"{_SCHEDULE}/executions", "executions/*/filename", "null until the dump has ended"),
    ("GET", f"{_SCHEDULE}/executions", "executions/*/message", "null where there is nothing to say"),
    ("GET", f"{_TASK}/executions", "*/duration", "documented as a number; it is a text"),
    ("GET", _APP, "build_pack", "the document's list lacks `dockerimage`"),
    ("GET", "/applications", "*/build_pack", "the document's list lacks `dockerimage`"),
    *(
        ("GET", path, place, "a column that may be null and is not marked so")
        for path, at in (("/applications", "*/"), (_APP, ""))
        for place in (f"{at}config_hash", f"{at}git_repository", f"{at}ports_exposes")
    ),
    *(
        ("GET", path, f"{at}{column}", "null until it has a value, and not marked so")
        for path, at in (("/deployments", "*/"), ("/deployments/{uuid}", ""))
        for column in ("current_process_id", "git_type", "commit_message")
    ),
    ("GET", "/deployments", "*/logs", "null while a deployment is queued"),
)
# Documented without a schema, or not at all: only that they answer can be checked.
_UNDESCRIBED = frozenset(
    (
        ("PATCH", _SCHEDULE),
        ("POST", f"{_TASK}/execute"),
        ("GET", "/notifications/webhook"),
        ("PATCH", "/notifications/webhook"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One call whose answer is compared with the document.

    Attributes:
        path: as the document writes it.
        below: what stands for the names in it.
    """

    method: str
    path: str
    below: Mapping[str, str]
    body: Any = None
    status: int = 200

    async def sent(self, coolify: Platform) -> httpx.Response:
        """Send it."""
        return await coolify.call(self.method, self.path.format(**self.below), self.body)


@pytest.fixture(scope="module")
def document() -> Mapping[str, Any]:
    """Return Coolify's document."""
    found: Mapping[str, Any] = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    return found


async def test_every_answer_is_as_documented(coolify: Platform, document: Mapping[str, Any]) -> None:
    """Its status, its type and its shape; and every place that differs is one that is listed."""
    seen: set[tuple[str, str, str]] = set()
    for sample in await _samples(coolify):
        answer = await sample.sent(coolify)
        assert answer.status_code == sample.status, (sample, answer.text)
        seen |= {(sample.method, sample.path, place) for place in _odd(document, sample, answer)}
    listed = {(method, path, place) for method, path, place, _ in _DIFFERS}
    assert sorted(seen - listed) == [], "answers that are not as documented"
    assert sorted(listed - seen) == [], "places that do not differ any more"


async def test_no_endpoint_is_left_out(coolify: Platform) -> None:
    """Each one that the stand-in has is compared, by its method and the form of its path."""
    compared = {(each.method, _form(each.path)) for each in await _samples(coolify)}
    assert {(each.method, _form(each.path)) for each in ENDPOINTS} == compared


async def test_every_endpoint_is_documented(document: Mapping[str, Any]) -> None:
    """The stand-in has nothing that Coolify does not have."""
    known = {(method.upper(), _form(path)) for path, methods in document["paths"].items() for method in methods}
    assert {(each.method, _form(each.path)) for each in ENDPOINTS} <= known


async def test_refusals_are_as_documented(coolify: Platform, document: Mapping[str, Any]) -> None:
    """401, 404 and 422 carry what the document says that they carry."""
    answers = {
        "401": await coolify.client("").get("/api/v1/applications"),
        "404": await coolify.call("GET", "/applications/unknown"),
        "422": await coolify.call("PATCH", f"/applications/{coolify.api.uuid}", {"unknown": 1}),
    }
    for status, answer in answers.items():
        schema = document["components"]["responses"][status]["content"]["application/json"]["schema"]
        assert str(answer.status_code) == status
        assert not [*_errors(document, schema, answer.json())]


async def _samples(coolify: Platform) -> list[Sample]:
    """Return a call of each endpoint, in an order in which each finds what it needs."""
    coolify.change(coolify.worker, build_pack="dockerimage", docker_registry_image_name="a/b", ports_exposes=None)
    coolify.change(coolify.worker, docker_registry_image_tag=OLD)
    database = create_database(coolify.store, {"name": "postgres", "password": "p"})
    running = (await coolify.deploy(coolify.api))["deployment_uuid"]
    await settle()
    known = {"uuid": coolify.api.uuid}
    task = (await coolify.call("POST", f"{_APP}/scheduled-tasks".format(**known), _A_TASK)).json()["uuid"]
    schedule = await _schedule(coolify, database.uuid)
    await coolify.call("POST", f"{_TASK}/execute".format(**known, task_uuid=task))
    await settle()
    return [
        *_of_applications(known, coolify.worker.uuid),
        *_of_deployments(known, running),
        *_of_databases({"uuid": database.uuid, "scheduled_backup_uuid": schedule}, await _execution(coolify, schedule)),
        *_of_tasks({**known, "task_uuid": task}),
        Sample(method="GET", path="/version", below={}),
        Sample(method="GET", path="/notifications/webhook", below={}),
        Sample(method="PATCH", path="/notifications/webhook", below={}, body={"webhook_enabled": True}),
    ]


_A_TASK = {"name": "t", "command": "true", "frequency": "daily"}


async def _schedule(coolify: Platform, database: str) -> str:
    body = {"frequency": "daily", "backup_now": True, "databases_to_backup": "a,b"}
    made = (await coolify.call("POST", f"/databases/{database}/backups", body)).json()["uuid"]
    await coolify.clock.move(1)
    return str(made)


async def _execution(coolify: Platform, schedule: str) -> str:
    return next(run.uuid for run in coolify.store.backups if run.schedule == schedule)


def _of_applications(known: Mapping[str, str], image: str) -> list[Sample]:
    envs = f"{_APP}/envs"
    return [
        Sample(method="GET", path="/applications", below={}),
        Sample(method="GET", path=_APP, below=known),
        Sample(method="GET", path=_APP, below={"uuid": image}),
        Sample(method="PATCH", path=_APP, below=known, body={"description": "d"}),
        Sample(method="GET", path=f"{_APP}/logs", below=known),
        Sample(method="POST", path=envs, below=known, body={"key": "A", "value": "1"}, status=201),
        Sample(method="GET", path=envs, below=known),
        Sample(method="PATCH", path=envs, below=known, body={"key": "A", "value": "2"}, status=201),
        Sample(
            method="PATCH", path=f"{envs}/bulk", below=known, body={"data": [{"key": "B", "value": "2"}]}, status=201
        ),
        Sample(method="DELETE", path=f"{envs}/{{env_uuid}}", below={**known, "env_uuid": "x"}, status=404),
        Sample(method="POST", path=f"{_APP}/start", below=known, body={"force": True}),
        Sample(method="POST", path=f"{_APP}/restart", below={"uuid": image}),
        Sample(method="GET", path=f"{_APP}/rollback-images", below=known),
        Sample(method="POST", path=f"{_APP}/rollback", below=known, body={"commit": NEW}),
    ]


def _of_deployments(known: Mapping[str, str], running: str) -> list[Sample]:
    return [
        Sample(method="POST", path="/deploy", below={}, body={"uuid": known["uuid"], "force": True}),
        Sample(method="GET", path="/deployments", below={}),
        Sample(method="GET", path="/deployments/{uuid}", below={"uuid": running}),
        Sample(method="GET", path="/deployments/applications/{uuid}", below=known),
        Sample(method="POST", path="/deployments/{uuid}/cancel", below={"uuid": running}),
        Sample(method="POST", path="/deployments/{uuid}/cancel", below={"uuid": running}, status=400),
        Sample(method="POST", path=f"{_APP}/stop", below=known),
    ]


def _of_databases(known: Mapping[str, str], execution: str) -> list[Sample]:
    one = {**known, "execution_uuid": execution}
    return [
        Sample(method="GET", path="/databases", below={}),
        Sample(method="GET", path=_DATABASE, below=known),
        Sample(method="POST", path=f"{_DATABASE}/start", below=known, status=400),
        Sample(method="POST", path=f"{_DATABASE}/restart", below=known),
        Sample(method="POST", path=f"{_DATABASE}/stop", below=known),
        Sample(method="GET", path=f"{_DATABASE}/backups", below=known),
        Sample(method="POST", path=f"{_DATABASE}/backups", below=known, body={"frequency": "daily"}, status=201),
        Sample(method="PATCH", path=_SCHEDULE, below=known, body={"enabled": False}),
        Sample(method="GET", path=f"{_SCHEDULE}/executions", below=known),
        Sample(method="DELETE", path=f"{_SCHEDULE}/executions/{{execution_uuid}}", below=one),
        Sample(method="DELETE", path=_SCHEDULE, below=known),
    ]


def _of_tasks(known: Mapping[str, str]) -> list[Sample]:
    tasks = f"{_APP}/scheduled-tasks"
    return [
        Sample(method="GET", path=tasks, below=known),
        Sample(method="POST", path=tasks, below=known, body=_A_TASK, status=201),
        Sample(method="PATCH", path=_TASK, below=known, body={"enabled": False}),
        Sample(method="GET", path=f"{_TASK}/executions", below=known),
        Sample(method="POST", path=f"{_TASK}/execute", below=known),
        Sample(method="DELETE", path=_TASK, below=known),
    ]


def _odd(document: Mapping[str, Any], sample: Sample, answer: httpx.Response) -> set[str]:
    """Return the places in which an answer is not as documented."""
    described = document["paths"][sample.path][sample.method.lower()]["responses"][str(sample.status)]
    described = document["components"]["responses"][str(sample.status)] if "$ref" in described else described
    content = described.get("content", {})
    if not content:
        assert (sample.method, sample.path) in _UNDESCRIBED, sample
        return set()
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content, (sample, kind)
    said = answer.json() if kind == "application/json" else answer.text
    return {*_errors(document, content[kind]["schema"], said)}


def _errors(document: Mapping[str, Any], schema: Mapping[str, Any], said: Any) -> list[str]:
    validator = Draft202012Validator({**_with_nulls(schema), "components": _with_nulls(document["components"])})
    found = validator.iter_errors(said)
    return ["/".join("*" if isinstance(part, int) else str(part) for part in each.absolute_path) for each in found]


def _with_nulls(schema: Any) -> Any:
    """Return a schema with `nullable`, which this version of JSON Schema does not know, as one more type."""
    if isinstance(schema, list):
        return [_with_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    new = {key: _with_nulls(value) for key, value in schema.items()}
    if new.get("nullable") is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
        new |= {"enum": [*new["enum"], None]} if "enum" in new else {}
    return new


def _form(path: str) -> str:
    """Return a path with every name in it alike."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
