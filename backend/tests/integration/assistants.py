"""Assistants for tests: what they are asked is kept, and what they answer is given."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import FastAPI, Request

from backend.providers.llm.assistant import Assistant
from backend.providers.llm.protocol import Adapter
from backend.web.services import Services, get_services

NOTHING: Mapping[str, Any] = {name: [] for name in ("tasks", "projects", "people", "ideas", "problems", "dates")}


@dataclass(kw_only=True, slots=True)
class Scripted:
    """A provider that gives one answer to each kind of question, after a door is opened.

    Attributes:
        extracted: What it finds in any thought.
        planned: A day.
        answered: An answer.
        asked: What it was asked.
        door: It waits for it.
    """

    extracted: object = None
    planned: object = None
    answered: object = None
    asked: list[Any] = field(default_factory=list)
    door: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Open the door."""
        self.door.set()

    async def extract_structured_updates(self, request: object) -> object:
        """Return what it finds."""
        return await self._answer(request, self.extracted)

    async def rewrite_plan(self, request: object) -> object:
        """Return its day."""
        return await self._answer(request, self.planned)

    async def answer_query(self, request: object) -> object:
        """Return its answer."""
        return await self._answer(request, self.answered)

    async def _answer(self, request: object, answer: object) -> object:
        self.asked.append(request)
        await self.door.wait()
        return answer(request) if callable(answer) else answer


def assist(app: FastAPI, provider: Adapter, *, deadline_s: float = 60.0) -> Assistant:
    """Make an application ask this provider; return who asks."""
    assistant = Assistant(provider, deadline_s=deadline_s)

    async def services(request: Request) -> Services:
        return replace(await get_services(request), assistant=assistant)

    app.dependency_overrides[get_services] = services
    return assistant
