"""The services behind a request, as one named dependency."""

import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from backend.core.build import Build
from backend.db.revisions import Revisions
from backend.db.unit_of_work import Database
from backend.jobs.dispatch import Dispatcher
from backend.jobs.transport import Transport
from backend.providers.llm.assistant import Assistant
from backend.providers.telegram.door import Telegram


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the running API holds.

    Attributes:
        build: What it was built from.
        environment: Where it runs.
        revisions: The schema revisions that it ships.
        database: The way to Postgres.
        transport: The way to Redis.
        dispatcher: Tells workers of committed jobs.
        assistant: Extracts, plans and answers.
        assistant_deadline: How long it may take for one operation.
        telegram: The bot; None when this deployment has none.
        todoist_owner_email: Whose Todoist account this deployment has; None when it has none.
        fingerprint: A keyed hash of the settings; None without a key.
        secrets: A keyed hash of each secret, by its variable; none without a key.
        replica: Tells this process from every other one, also of the same build.
    """

    build: Build
    environment: str
    revisions: Revisions
    database: Database
    transport: Transport
    dispatcher: Dispatcher
    assistant: Assistant
    assistant_deadline: timedelta
    telegram: Telegram | None
    todoist_owner_email: str | None = None
    fingerprint: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    replica: str = field(default_factory=partial(randomness.token_hex, 8))

    async def close(self) -> None:
        """Finish what is under way and close every connection."""
        await self.dispatcher.drain()
        if self.telegram is not None:
            await self.telegram.bot.close()
        await self.assistant.close()
        await self.transport.close()
        await self.database.close()


async def get_services(request: Request) -> Services:
    """Return what the application's start has put there.

    Args:
        request: The request.
    """
    services: Services = request.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
