"""Fixtures: an application with a bot, and somebody who talks to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.providers.telegram.door import open_door
from backend.tests.integration.telegram.talk import OLD_SECRET, SECRET, TOKEN, Memory, Talk
from backend.tests.integration.world import Rows, user_of


@pytest.fixture
def bot_environment(environment: Environment, telegram_url: str) -> Environment:
    """Return settings with a bot, whose API is the stand-in."""
    settings = {
        "telegram_bot_token": SecretStr(TOKEN),
        "telegram_webhook_secrets": (SecretStr(SECRET), SecretStr(OLD_SECRET)),
        "telegram_base_url": telegram_url,
    }
    return environment.model_copy(update=settings)


@pytest.fixture
def app(bot_environment: Environment) -> FastAPI:
    """Return the application, with a bot."""
    return create_app(bot_environment)


@pytest.fixture
async def talk(  # noqa: PLR0917  # fixtures
    client: httpx.AsyncClient,
    database: Database,
    rows: Rows,
    bot_environment: Environment,
    telegram_url: str,
    token: str,
) -> AsyncIterator[Talk]:
    """Return a talk with the bot; Telegram does not mind how fast."""
    telegram = open_door(bot_environment, CollectorRegistry())
    assert telegram is not None
    async with httpx.AsyncClient(base_url=f"{telegram_url}/__standin__") as standin:
        talk = Talk(
            client=client,
            database=database,
            rows=rows,
            standin=standin,
            telegram=telegram,
            memory=Memory(),
            user=await user_of(database, token),
        )
        await talk.arrange("settings", per_chat=1000, per_chat_burst=1000, overall=1000)
        yield talk
    await telegram.bot.close()
