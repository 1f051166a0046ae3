"""The release that a new stack starts with: migrated, deployed through the stand-in's API, seen to serve."""

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from gonogo.local.definition import StackDefinition
from gonogo.local.errors import StackError
from gonogo.local.http import JsonClient
from gonogo.local.waiting import until
from gonogo.model import Checkout

_DEPLOY_SECONDS = 300.0
_COMMAND_SECONDS = 300.0
# Deployments are asked about over the API, which counts requests; the service itself may be asked often.
_SLOW_LOOK_S = 0.4
_FAST_LOOK_S = 0.1
_SHORTEST_SECRET = 8
_PROBE: Mapping[str, Any] = {
    "health_check_enabled": True,
    "health_check_interval": 1,
    "health_check_timeout": 5,
    "health_check_retries": 30,
    "health_check_start_period": 1,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the first release goes.

    Attributes:
        control: the stand-in's own endpoints.
        api: its Coolify API.
        service: the front.
        variables: what every service gets; secret.
    """

    control: JsonClient
    api: JsonClient
    service: JsonClient
    front_url: str
    variables: Mapping[str, str]


def create(definition: StackDefinition, place: Place) -> dict[str, str]:
    """Create the applications with their variables, and return their uuids by service."""
    return {name: _create_application(definition, place, name=name) for name in definition.services}


def deploy(definition: StackDefinition, place: Place, *, checkout: Checkout, applications: Mapping[str, str]) -> str:
    """Migrate, deploy every service, see that it serves, and return a new API token.

    Raises:
        StackError: a command failed, or a deployment did; the message carries its last lines.
    """
    run(definition.migrate, checkout, variables=place.variables)
    with ThreadPoolExecutor(max_workers=1) as pool:
        token = pool.submit(run, definition.issue_token, checkout, variables=place.variables)
        queued = [_queue(place, uuid) for uuid in applications.values()]
        for deployment in queued:
            _wait_for_end(place, deployment)
        _see_it_serve(definition, place)
        return token.result().strip()


def run(command: tuple[str, ...], checkout: Checkout, *, variables: Mapping[str, str]) -> str:
    """Run one of the project's commands in a checkout and return what it printed.

    Raises:
        StackError: it failed.
    """
    words = tuple(str(checkout.python) if word == "{python}" else word for word in command)
    done = subprocess.run(
        words,
        cwd=checkout.path,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/"), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=False,
    )
    if done.returncode:
        said = _without("\n".join(done.stderr.strip().splitlines()[-5:]), variables)
        raise StackError("stack-command-failed", f"{' '.join(command)} ended with {done.returncode}: {said}")
    return done.stdout


def _without(text: str, variables: Mapping[str, str]) -> str:
    """Return a command's words without the values of its variables, some of which are secret."""
    for name, value in variables.items():
        text = text.replace(value, f"${name}") if len(value) >= _SHORTEST_SECRET else text
    return text


def _create_application(definition: StackDefinition, place: Place, *, name: str) -> str:
    columns = {"name": name, "git_repository": str(definition.repository), "git_commit_sha": definition.first}
    if name == "api":
        columns |= {"fqdn": place.front_url, "ports_exposes": "8000", "health_check_path": definition.ready, **_PROBE}
    uuid = str(place.control.call("POST", "/__standin__/applications", body=columns)["uuid"])
    data = [{"key": key, "value": value, "is_literal": True} for key, value in place.variables.items()]
    place.api.call("PATCH", f"/api/v1/applications/{uuid}/envs/bulk", body={"data": data})
    return uuid


def _queue(place: Place, uuid: str) -> str:
    return str(place.api.call("POST", "/api/v1/deploy", body={"uuid": uuid})["deployments"][0]["deployment_uuid"])


def _wait_for_end(place: Place, uuid: str) -> None:
    def look() -> Any:  # JSON
        row = place.api.call("GET", f"/api/v1/deployments/{uuid}")
        return row if row["finished_at"] or row["status"] == "failed" else None

    row = until(look, "the first deployment", seconds=_DEPLOY_SECONDS, pause=_SLOW_LOOK_S)
    if row["status"] != "finished":
        raise StackError(
            "stack-deployment-failed", f"{row['application_name']} did not start", hint="invoke stack.logs"
        )


def _see_it_serve(definition: StackDefinition, place: Place) -> None:
    first = definition.first

    def ready() -> bool:
        answer = place.service.look(definition.ready)
        return bool(answer) and answer.get("commit") == first

    def working() -> bool:
        answer = place.service.look(definition.workers) or {}
        return any(row["commit"] == first and row["state"] == "running" for row in answer.get("workers", ()))

    until(ready, f"{definition.ready} says {first[:12]}", seconds=_DEPLOY_SECONDS, pause=_FAST_LOOK_S)
    if "worker" in definition.services:
        until(working, f"a worker of {first[:12]}", seconds=_DEPLOY_SECONDS, pause=_FAST_LOOK_S)
