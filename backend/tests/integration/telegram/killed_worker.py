"""A worker that dies at a named point: python -m backend.tests.integration.telegram.killed_worker send|capture."""

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from prometheus_client import CollectorRegistry

from backend.core.build import BUILD_FILE, read_build
from backend.core.environment import Environment, load
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.features.capture.service import Capture
from backend.features.query.service import Query
from backend.features.telegram import jobs
from backend.features.telegram.messages import Abilities, CapturedSummary
from backend.providers.llm.assistant import Assistant
from backend.providers.telegram.client import TelegramBot
from backend.providers.telegram.door import open_door
from backend.worker.chat import abilities
from backend.worker.main import main


class _DyingBot(TelegramBot):
    async def send_message(self, chat_id: int, text: str) -> int:
        """Send it, and die before anybody is told."""
        await super().send_message(chat_id, text)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def _abilities(environment: Environment, database: Database) -> Abilities:
    assistant = Assistant(None, deadline_s=environment.assistant_deadline_seconds)
    capture = Capture(
        database=database,
        assistant=assistant,
        build=read_build(BUILD_FILE, None),
        deadline=timedelta(seconds=environment.assistant_deadline_seconds),
    )
    return abilities(database, capture, query=Query(database=database, assistant=assistant))


def run(point: str) -> None:
    """Work until the point is reached.

    Args:
        point: send: a message has gone out, and is not marked; capture: a thought is kept, and its update is not ended.
    """
    environment = load(Environment)
    url = environment.database_url.get_secret_value()
    database = Database(create_engine(url, pool_size=5, application_name="dying"))
    telegram = open_door(environment, CollectorRegistry())
    able = _abilities(environment, database)
    kept = able.capture
    if telegram is None or environment.telegram_bot_token is None:
        raise SystemExit(2)

    async def capture(twin_id: object, text: str, *, key: str) -> CapturedSummary:
        await kept(twin_id, text, key=key)  # type: ignore[arg-type]  # it comes from the feature
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    if point == "send":
        token = environment.telegram_bot_token.get_secret_value()
        telegram = replace(telegram, bot=_DyingBot(token, base_url=environment.telegram_base_url))
    if point == "capture":
        able = replace(able, capture=capture)
    main(jobs.kinds(database, telegram, abilities=able))


if __name__ == "__main__":
    run(sys.argv[1])
