"""`invoke deploy.prod`: without its values, and pointed at a local stack as if it were a real one."""

import json
from pathlib import Path

import pytest

from tests.acceptance.workshop import Workshop, until

pytestmark = pytest.mark.acceptance

VALUES = [
    "COOLIFY_URL",
    "COOLIFY_TOKEN",
    "COOLIFY_API_UUID",
    "COOLIFY_WORKER_UUID",
    "API_URL",
    "API_TOKEN",
    "DATABASE_URL",
    "REDIS_URL",
    "SCRATCH_DATABASE_URL",
]


@pytest.mark.parametrize("task", ["prod", "staging"])
def test_what_is_missing_is_named_all_at_once(shop: Workshop, task: str) -> None:
    """With where each is set; nothing is contacted and nothing is written."""
    before = sorted((shop.path / ".gonogo").rglob("*"))

    done = shop.invoke(f"deploy.{task}", "--yes", "--json")

    assert done.code == 2
    assert [name for name in VALUES if f"{name} is not set" not in done.stderr] == []
    assert f".env.{task}" in done.stderr
    assert (done.said["exit_code"], done.said["error"]["reference"]) == (2, "config-incomplete")
    assert sorted((shop.path / ".gonogo").rglob("*")) == before


def test_a_standing_stack_is_released_to_like_a_real_environment(shop: Workshop) -> None:
    """`deploy.prod` with the stack's values: released once, then nothing to do; every other task works on it."""
    assert shop.invoke("stack.up").code == 0
    environ = values(shop)

    first = shop.invoke("deploy.prod", "--yes", "--json", environ=environ)
    assert first.code == 0, first.stderr
    assert (first.said["verdict"], first.said["serving_version"]) == ("released", shop.version())
    assert first.said["previous_version"] == shop.version("HEAD~1")
    assert first.said["release_id"] in (shop.path / "comms" / "log.md").read_text(encoding="utf-8")

    again = shop.invoke("deploy.prod", "--yes", "--json", environ=environ)
    assert again.code == 3, again.stderr

    assert_every_look_works(shop, environ, release_id=first.said["release_id"])
    assert_the_bot_is_set_up(shop, environ)

    assert shop.invoke("stack.down").code == 0
    until(lambda: not shop.leftovers(), "the end of the stack")


def assert_the_bot_is_set_up(shop: Workshop, environ: dict[str, str]) -> None:
    """Not set, set, seen to be set; with prod's rules it is refused, since Telegram takes HTTPS alone."""
    codes = [
        shop.invoke(task, "--env", "local", "--json", *flags).code
        for task, *flags in (["telegram.verify"], ["telegram.webhook", "--yes"], ["telegram.verify"])
    ]
    assert codes == [1, 0, 0]

    refused = shop.invoke("telegram.webhook", "--env", "prod", "--yes", "--json", environ=environ)
    assert (refused.code, refused.said["error"]["reference"]) == (2, "telegram-incomplete")
    shown = refused.stdout + refused.stderr
    assert environ["TELEGRAM_BOT_TOKEN"] not in shown
    assert environ["TELEGRAM_WEBHOOK_SECRETS"] not in shown


def values(shop: Workshop) -> dict[str, str]:
    """Return what the stack says of itself, as a shell would read it."""
    lines = [line.removeprefix("export ") for line in shop.invoke("stack.env").stdout.splitlines()]
    pairs = dict(line.split("=", 1) for line in lines)
    return {name: value.strip("'") for name, value in pairs.items()}


def assert_every_look_works(shop: Workshop, environ: dict[str, str], *, release_id: str) -> None:
    """Assert that the tasks which look and those that keep house work on an environment."""
    status = shop.invoke("deploy.status", "--json", environ=environ)
    history = shop.invoke("deploy.history", "--json", environ=environ)
    health = shop.invoke("health.check", "--json", environ=environ)
    backup = shop.invoke("backup.run", "--json", environ=environ)
    pending = shop.invoke("migrate.plan", "--json", environ=environ)

    assert [(done.code, done.stderr) for done in (status, history, health, backup, pending) if done.code] == []
    assert status.said["release_id"] == release_id
    assert history.said["releases"][0]["release"] == release_id
    assert all(vital["is_well"] for vital in health.said["vitals"])
    assert Path(backup.said["dump"]).exists()
    assert pending.said["pending"] == []
    assert environ["COOLIFY_TOKEN"] not in json.dumps([status.said, history.said, health.said, backup.said])
