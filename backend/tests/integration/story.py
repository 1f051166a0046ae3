"""A deployment as its owner meets it: the API and a worker as processes, Todoist's app, a chat with the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from backend.core.environment import Environment
from backend.tests.integration.telegram.talk import ADA, SECRET, TOKEN, WEBHOOK
from backend.tests.integration.test_processes import API, WORKER
from backend.tests.integration.todoist_world import OWNER, There
from backend.tests.integration.world import as_variables, bearer, eventually, http_client, is_answering, process
from conftest import free_port

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What the owner can do and see.

    Attributes:
        api: The owner's client of the API.
        todoist: The owner's account over there.
        telegram: The stand-in of Telegram.
    """

    api: httpx.AsyncClient
    todoist: There
    telegram: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> Json:
        """Read something."""
        return self._said(await self.api.get(path, params=params), status=200)

    async def post(self, path: str, body: Json | None = None, *, status: int = 200) -> Json:
        """Ask for something."""
        return self._said(await self.api.post(path, json=body), status=status)

    async def run(self, path: str) -> None:
        """Queue a job, and wait until the worker has done it."""
        queued = await self.post(path, status=202)

        async def is_over() -> Json | None:
            job = await self.get(queued["status_url"])
            return None if job["status"] in {"queued", "running"} else job

        job = await eventually(is_over)
        assert job is not None
        assert job["status"] == "done", job

    async def statuses(self) -> dict[str, str]:
        """Return the status of each task, by title, as the API lists them."""
        return {each["title"]: each["status"] for each in (await self.get("/v1/tasks"))["tasks"]}

    async def planned(self) -> set[str]:
        """Return the titles of today's plan."""
        return {each["title"] for each in (await self.get("/v1/plan/get_today"))["items"]}

    async def say(self, text: str) -> str:
        """Write to the bot, and return its reply as it reaches the chat."""
        before = len(await self._heard())
        told = await self._telegram("updates", {"chat_id": ADA, "text": text})
        assert told["outcomes"] == [200], told

        async def has_replied() -> list[str]:
            return (await self._heard())[before:]

        (reply,) = await eventually(has_replied)
        return reply

    async def set_webhook(self) -> None:
        """Tell Telegram where the service takes what the bot is told, as `invoke telegram.webhook` does."""
        webhook = {"url": f"{self.api.base_url.copy_with(path=WEBHOOK)}", "secret_token": SECRET}
        response = await self.telegram.post(f"/bot{TOKEN}/setWebhook", json=webhook)
        assert response.is_success, response.text

    async def _heard(self) -> list[str]:
        response = await self.telegram.get("/__standin__/messages", params={"chat_id": ADA})
        return [each["text"] for each in response.json()["messages"]]

    async def _telegram(self, path: str, given: Json) -> Json:
        return self._said(await self.telegram.post(f"/__standin__/{path}", json=given), status=200)

    def _said(self, response: httpx.Response, *, status: int) -> Json:
        assert response.status_code == status, response.text
        return dict(response.json())


def settings_of(todoist: There, telegram_url: str) -> Json:
    """Return the settings of an owner with an account in Todoist, and of a bot."""
    return {
        "todoist_api_token": SecretStr(todoist.token),
        "todoist_owner_email": OWNER,
        "todoist_base_url": todoist.access.base_url,
        "telegram_bot_token": SecretStr(TOKEN),
        "telegram_webhook_secrets": (SecretStr(SECRET),),
        "telegram_base_url": telegram_url,
        "assistant_deadline_seconds": 60.0,
    }


@asynccontextmanager
async def telling(environment: Environment, token: str, *, todoist: There) -> AsyncIterator[Story]:
    """Start the API and a worker of this checkout; both are gone at the end."""
    port, variables = free_port(), as_variables(environment)
    with process(*API, "--port", str(port), variables=variables), process(*WORKER, variables=variables):
        async with (
            http_client(f"http://127.0.0.1:{port}") as api,
            http_client(environment.telegram_base_url) as telegram,
        ):
            api.headers.update(bearer(token))
            await eventually(lambda: is_answering(api))
            yield Story(api=api, todoist=todoist, telegram=telegram)


def break_provider(url: str, fault: str) -> None:
    """Let a stand-in go wrong from now on."""
    httpx.post(f"{url}/__standin__/faults", json={"name": fault}).raise_for_status()


def times_asked(url: str) -> int:
    """Return how many requests a stand-in has seen."""
    return int(httpx.get(f"{url}/__standin__/requests").json()["count"])
