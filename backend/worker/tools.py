"""What handlers need beside their job's own transaction."""

from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import CollectorRegistry

from backend.core.build import Build
from backend.core.environment import Environment
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.providers.llm.assistant import Assistant
from backend.providers.llm.counts import AssistantCounts
from backend.providers.llm.create import create_assistant
from backend.providers.telegram.door import Telegram, open_door
from backend.providers.todoist.client import TodoistAccess


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What handlers need beside their job's own transaction.

    Attributes:
        database: For what must be committed before the job ends; not the pool that claims and ends jobs.
        assistant: Extracts, plans and answers.
        assistant_deadline: How long it may take for one operation.
        build: What this process was built from.
        telegram: The bot; None when this deployment has none.
        todoist: The way to the Todoist account; None when this deployment has none.
    """

    database: Database
    assistant: Assistant
    assistant_deadline: timedelta
    build: Build
    telegram: Telegram | None = None
    todoist: TodoistAccess | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self.telegram is not None:
            await self.telegram.bot.close()
        await self.assistant.close()
        await self.database.close()


def open_tools(environment: Environment, build: Build, *, session_name: str, registry: CollectorRegistry) -> Tools:
    """Return what the settings describe; connects to nothing yet.

    Args:
        environment: The settings.
        build: What this process was built from.
        session_name: What the server calls the worker's sessions.
        registry: Where to count.
    """
    engine = create_engine(
        environment.database_url.get_secret_value(),
        pool_size=environment.worker_concurrency,
        application_name=session_name,
    )
    database = Database(engine)
    return Tools(
        database=database,
        assistant=create_assistant(
            environment, database, counts=AssistantCounts(registry, model=environment.xai_model)
        ),
        assistant_deadline=timedelta(seconds=environment.assistant_deadline_seconds),
        build=build,
        telegram=open_door(environment, registry),
        todoist=_todoist(environment),
    )


def _todoist(environment: Environment) -> TodoistAccess | None:
    token, email = environment.todoist_api_token, environment.todoist_owner_email
    if token is None or email is None:
        return None
    return TodoistAccess(base_url=environment.todoist_base_url, token=token, owner_email=email)
