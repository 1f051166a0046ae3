"""Rotations on a local stack, under traffic: no request fails, the old value is refused, a killed one is gone on with.

One secret by default, killed in one state; every secret in every state with `--hypothesis-profile=large`.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from hypothesis import settings

from gonogo.local.http import JsonClient
from gonogo.local.traffic import TrafficPlan, start
from tests.acceptance.workshop import RATE, Workshop, until

pytestmark = pytest.mark.acceptance

IS_LARGE = settings.get_current_profile_name() == "large"
# A machine that does other things too serves fewer.
REQUESTS = 50 if IS_LARGE else RATE
_SWITCHES = ("new-secret", "api-switch", "worker-switch")
_ENDS = ("old-secret-revoked", "old-secret-refused", "rotation-record")
STATES = {
    "database": (*_SWITCHES, *_ENDS),
    "redis": (*_SWITCHES, *_ENDS),
    "xai-key": (*_SWITCHES, "secret-handover", *_ENDS),
    "api-tokens": ("new-secret", "secret-handover", *_ENDS),
    "telegram-webhook": (*_SWITCHES, "secret-handover", "api-alone", "worker-alone", *_ENDS[1:]),
}
POINTS = [(name, state) for name, states in STATES.items() for state in states]
KILLED = POINTS if IS_LARGE else [("api-tokens", "secret-handover")]


@pytest.fixture(scope="module")
def stack(copy: Workshop) -> Iterator[dict[str, str]]:
    """Return what a release to a stack is told that serves this version; it has a key at xAI."""
    document = copy.path / "gonogo.toml"
    text = document.read_text(encoding="utf-8").replace('# XAI_API_KEY = "xai-', 'XAI_API_KEY = "xai-')
    patient = "[environments.local.limits]\nprobe_timeout_s = 60.0\n"
    text = text.replace("[environments.local.limits]\n", patient).replace(
        "prove_timeout_s = 60.0", "prove_timeout_s = 300.0"
    )
    document.write_text(text, encoding="utf-8")
    up = copy.invoke("stack.up", "--from", "HEAD")
    assert up.code == 0, up.stderr
    if IS_LARGE:
        assert copy.invoke("telegram.webhook", "--env", "local", "--yes").code == 0
    yield values(copy)
    copy.restore()


def values(shop: Workshop) -> dict[str, str]:
    """Return what a release to the stack is told now."""
    kept = json.loads((shop.path / ".gonogo/stacks/local/stack.json").read_text(encoding="utf-8"))
    return {str(name): str(value) for name, value in kept["environment"].items()}


def told(shop: Workshop, variable: str) -> str:
    """Return what Coolify tells the API in a variable."""
    own = values(shop)
    with JsonClient(own["COOLIFY_URL"], own["COOLIFY_TOKEN"]) as client:
        rows = client.call("GET", f"/api/v1/applications/{own['COOLIFY_API_UUID']}/envs")
    return next(str(row["value"]) for row in rows if row["key"] == variable and not row["is_preview"])


def rotate(shop: Workshop, name: str) -> dict[str, Any]:
    """Rotate a secret to its end, and return what was said."""
    done = shop.invoke("secrets.rotate", name, "--env", "local", "--yes", "--json")
    assert done.code == 0, f"{done.stdout}{done.stderr}"
    return done.said


def kill_in(shop: Workshop, name: str, state: str) -> None:
    """Rotate a secret, and kill the process with -9 as soon as its journal says that a state has begun."""
    process = shop.start("secrets.rotate", name, "--env", "local", "--yes")
    assert process.stdout
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if re.search(rf"\s{state}\s+started", line):
                break
    finally:
        process.kill()
        process.communicate(timeout=300)
    assert process.returncode == -9, "".join(said)


@pytest.mark.parametrize(("name", "state"), [pytest.param(*point, id="-".join(point)) for point in KILLED])
def test_a_rotation_killed_in_a_state_ends_without_a_failed_request(
    name: str, state: str, copy: Workshop, stack: dict[str, str], tmp_path: Path
) -> None:
    """Whoever goes on brings it to its end; meanwhile each request is answered; afterwards the old value is refused."""
    token = copy.invoke("tokens.issue", "--user", "operator@localhost", "--name", f"{name}-{state}", "--env", "local",
                        "--yes", "--json").said["token"]  # fmt: skip
    variable = {"database": "DATABASE_URL", "redis": "REDIS_URL"}.get(name, "")
    old = told(copy, variable) if variable else values(copy)["API_TOKEN"]
    traffic = start(TrafficPlan(url=stack["API_URL"], token=token, output=tmp_path / "traffic", rate=REQUESTS))
    try:
        until(traffic.samples, "the first request")
        kill_in(copy, name, state)
        said = rotate(copy, name)
    finally:
        summary = traffic.stop()

    assert said["verdict"] == "released"
    assert (summary.failed, summary.total > 0) == (0, True)
    assert not list((copy.path / ".gonogo").glob("secrets/**/*.json"))
    if variable:
        assert told(copy, variable) != old
        assert is_refused(name, old)
    assert old not in ledger(copy)


def is_refused(name: str, old: str) -> bool:
    """Return whether a server refuses an old login."""
    try:
        if name == "database":
            psycopg.connect(old, connect_timeout=10).close()
        else:
            with redis.Redis.from_url(old, socket_timeout=10) as client:
                client.ping()
    except (psycopg.OperationalError, redis.AuthenticationError):
        return True
    return False


def ledger(shop: Workshop) -> str:
    """Return every byte that the ledger and the reports keep, as text."""
    files = [*(shop.path / ".gonogo").glob("ledger.db*"), *(shop.path / ".gonogo" / "releases").rglob("*.*")]
    return "".join(path.read_bytes().decode("utf-8", errors="replace") for path in files)


def test_what_only_a_person_makes_is_waited_for(copy: Workshop, stack: dict[str, str]) -> None:
    """The run ends with 6 and says what to do; it can be taken back until then, or gone on with from a file."""
    waits = copy.invoke("secrets.rotate", "todoist-token", "--env", "local", "--yes", "--json")
    assert (waits.code, waits.said["error"]["reference"]) == (6, "secret-awaits-person")
    assert "Settings, Integrations" in waits.said["error"]["message"]
    assert "--value-from" in waits.said["error"]["hint"]
    refused = copy.invoke("secrets.rotate", "redis", "--env", "local", "--yes", "--json")
    assert (refused.code, refused.said["error"]["reference"]) == (5, "release-unfinished")

    if not IS_LARGE:
        back = copy.invoke("deploy.abort", "--env", "local", "--yes", "--json")
        assert (back.code, back.said["verdict"]) == (1, "rolled_back"), back.stderr
        return
    new = "a" * 20 + os.urandom(10).hex()
    with JsonClient(providers(copy)["todoist"]) as client:
        body = {"token": stack["TODOIST_API_TOKEN"], "replaced_by": new}
        client.call("POST", "/__standin__/revoke", body=body)
    given = copy.path / ".gonogo" / "given"
    given.write_text(f"{new}\n", encoding="utf-8")
    words = ("secrets.rotate", "todoist-token", "--env", "local", "--yes", "--json", "--value-from", str(given))
    done = copy.invoke(*words)
    assert done.code == 0, f"{done.stdout}{done.stderr}"
    assert told(copy, "TODOIST_API_TOKEN") == values(copy)["TODOIST_API_TOKEN"] == new
    assert new not in ledger(copy)


def providers(shop: Workshop) -> dict[str, str]:
    """Return where the providers' stand-ins are."""
    kept = json.loads((shop.path / ".gonogo/stacks/local/stack.json").read_text(encoding="utf-8"))
    return {str(name): str(url) for name, url in kept["providers"].items()}
