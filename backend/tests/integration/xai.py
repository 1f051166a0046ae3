"""The xAI stand-in, and an assistant that asks it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from backend.providers.http import HttpClient
from backend.providers.llm.assistant import Assistant, Outcome
from backend.providers.llm.breaker import Breaker
from backend.providers.llm.counts import AssistantCounts
from backend.providers.llm.xai import MOST_BYTES, Patience, XaiAdapter
from backend.tests.asked import EXTRACT, PLAN, QUERY

KEY = "xai-secret-4711-0815-aGAG"
MODEL = "grok-4.7"


@dataclass(frozen=True, kw_only=True, slots=True)
class Xai:
    """The provider's stand-in, and an assistant that asks it."""

    url: str
    control: httpx.AsyncClient
    registry: CollectorRegistry
    adapter: XaiAdapter
    assistant: Assistant

    async def goes_wrong(self, name: str, **settings: Any) -> None:
        """Switch a fault on."""
        answer = await self.control.post("/__standin__/faults", json={"name": name, **settings})
        assert answer.is_success, answer.text

    async def says(self, text: str | None) -> None:
        """Let the model say something."""
        await self.goes_wrong("content", text=text)

    async def requests(self) -> list[dict[str, Any]]:
        """Return the bodies that came in, oldest first."""
        answer = await self.control.get("/__standin__/requests")
        return [
            json.loads(each["body"]) if isinstance(each["body"], str) else each["body"]
            for each in answer.json()["requests"]
        ]

    def count(self, name: str, **labels: str) -> float | None:
        """Return one count."""
        return self.registry.get_sample_value(name, labels)


def make(url: str, registry: CollectorRegistry, *, patience: Patience, key: str = KEY) -> tuple[XaiAdapter, Assistant]:
    """Return an adapter and its assistant."""
    counts = AssistantCounts(registry, model=MODEL)
    adapter = XaiAdapter(
        HttpClient(f"{url}/v1", headers={"Authorization": f"Bearer {key}"}, most_bytes=MOST_BYTES),
        model=MODEL,
        patience=patience,
        breaker=Breaker(failures_max=3, show=counts.show_circuit),
    )
    return adapter, Assistant(adapter, deadline_s=60.0, counts=counts, on_close=adapter.close)


@asynccontextmanager
async def asking(xai_url: str) -> AsyncIterator[Xai]:
    """Give the stand-in and who asks it; pauses are short, attempts three."""
    registry = CollectorRegistry()
    adapter, assistant = make(xai_url, registry, patience=Patience(budget_s=30.0, pause_s=0.01))
    async with httpx.AsyncClient(base_url=xai_url, trust_env=False) as control:
        yield Xai(url=xai_url, control=control, registry=registry, adapter=adapter, assistant=assistant)
    await assistant.close()


async def asked_all(assistant: Assistant) -> list[Outcome[Any]]:
    """Return what all three operations answer."""
    return [await assistant.extract(EXTRACT), await assistant.plan(PLAN), await assistant.answer(QUERY)]
