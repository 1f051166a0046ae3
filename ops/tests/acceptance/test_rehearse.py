"""`invoke deploy.rehearse`: a good release, a bad one, a killed one."""

import re
from pathlib import Path

import pytest

from tests.acceptance.workshop import RATE, REHEARSE, Workshop, until

pytestmark = pytest.mark.acceptance

STEPS = [
    "preflight",
    "backup",
    "restore-check",
    "migration-gate",
    "migrate",
    "api-rollout",
    "worker-rollout",
    "smoke",
    "bake",
    "sign-off",
]
KEYS = {
    "release_id",
    "verdict",
    "exit_code",
    "previous_version",
    "target_version",
    "serving_version",
    "requests_total",
    "requests_failed",
    "duration_s",
    "steps",
    "report",
}
# Addresses where nothing answers, as a shell may hold production's.
_NOBODY_S = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


def test_a_good_release_is_released_and_proven(shop: Workshop) -> None:
    """One JSON object says so, a page shows it, and no server that the shell names for a release is touched."""
    done = shop.invoke(*REHEARSE, environ=_NOBODY_S)

    assert done.code == 0, done.stderr
    said = done.said
    assert said.keys() >= KEYS
    assert (said["verdict"], said["exit_code"], said["requests_failed"]) == ("released", 0, 0)
    assert (said["previous_version"], said["target_version"]) == (shop.version("HEAD~1"), shop.version())
    assert said["serving_version"] == said["target_version"]
    assert said["requests_total"] >= RATE * said["duration_s"] * 0.5
    assert [step["name"] for step in said["steps"]] == STEPS
    assert {step["status"] for step in said["steps"]} == {"done"}
    assert_page_is_whole(Path(said["report"]))
    assert shop.git("status", "--porcelain") == ""
    assert_nothing_left(shop)


def test_a_bad_release_is_rolled_back_and_proven(shop: Workshop) -> None:
    """The old version serves, no request failed, and step, reason and next command are named."""
    done = shop.invoke(*REHEARSE, "--fault", "api-unhealthy")

    assert done.code == 1, done.stderr
    said = done.said
    assert (said["verdict"], said["exit_code"], said["requests_failed"]) == ("rolled_back", 1, 0)
    assert said["serving_version"] == said["previous_version"] == shop.version("HEAD~1")
    statuses = {step["name"]: step["status"] for step in said["steps"]}
    assert statuses["api-rollout"] in {"failed", "reverted"}
    assert statuses["worker-rollout"] == "pending"
    told = dict(
        line.split(maxsplit=1) for line in done.stderr.splitlines() if line.startswith(("step ", "reason ", "next "))
    )
    assert told["step"] == "api-rollout"
    assert shop.version() in told["reason"]
    assert told["next"]
    assert "Traceback" not in done.stderr
    assert_nothing_left(shop)


def test_a_killed_release_is_brought_to_its_end(shop: Workshop) -> None:
    """Killed with -9 in the API's rollout; `deploy.resume` goes on, deploys nothing twice and releases."""
    shop.kill_in_api_rollout()
    deployments = len(shop.noted("api-rollout"))

    done = shop.invoke("deploy.resume", "--env", "rehearse", "--json")

    assert done.code == 0, done.stderr
    said = done.said
    assert (said["verdict"], said["serving_version"]) == ("released", shop.version())
    assert said["requests_failed"] == 0
    assert {step["status"] for step in said["steps"]} == {"done"}
    assert len(shop.noted("api-rollout")) == deployments
    assert_nothing_left(shop)


def test_a_killed_release_does_not_hurt_the_next(shop: Workshop) -> None:
    """Nothing of it is in the way: no server, no port, no lock, no unfinished release."""
    shop.kill_in_api_rollout()

    done = shop.invoke(*REHEARSE)

    assert done.code == 0, done.stderr
    assert done.said["requests_failed"] == 0
    history = shop.invoke("deploy.history", "--env", "rehearse", "--json").said["releases"]
    assert [row["verdict"] for row in history[:2]] == ["released", "abandoned"]
    assert_nothing_left(shop)


def assert_nothing_left(shop: Workshop) -> None:
    """Assert that no process and no stack of the copy is left."""
    until(lambda: not shop.leftovers(), "the end of everything that was started")


def assert_page_is_whole(page: Path) -> None:
    """Assert that a page needs nothing but itself, and has its document beside it."""
    text = page.read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith("<!doctype html>")
    assert re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)[^"']*|@import|url\((?!["']?(?:#|data:))""", text) == []
    assert page.with_suffix(".json").is_file()
