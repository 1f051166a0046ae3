"""The assistant of a process, as its settings say."""

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.providers.http import HttpClient
from backend.providers.llm.assistant import Assistant
from backend.providers.llm.breaker import Breaker
from backend.providers.llm.counts import AssistantCounts
from backend.providers.llm.ledger import CallLedger
from backend.providers.llm.xai import MOST_BYTES, Patience, XaiAdapter

# The provider's own end comes a little before the assistant's, so that the breaker learns of it.
_SHARE = 0.95


def create_assistant(environment: Environment, database: Database, *, counts: AssistantCounts) -> Assistant:
    """Return an assistant that has connected to nothing yet.

    Args:
        environment: Says who is asked, and for how long; without a key the built-in rules answer.
        database: Where a row for each call is kept.
        counts: Where its outcomes are counted.
    """
    adapter = _adapter(environment, counts)
    return Assistant(
        adapter,
        deadline_s=environment.assistant_deadline_seconds,
        counts=counts,
        ledger=CallLedger(database),
        on_close=adapter.close if adapter else None,
    )


def _adapter(environment: Environment, counts: AssistantCounts) -> XaiAdapter | None:
    if environment.xai_api_key is None:
        return None
    headers = {"Authorization": f"Bearer {environment.xai_api_key.get_secret_value()}"}
    return XaiAdapter(
        HttpClient(environment.xai_base_url, headers=headers, most_bytes=MOST_BYTES),
        model=environment.xai_model,
        patience=Patience(budget_s=environment.assistant_deadline_seconds * _SHARE),
        breaker=Breaker(show=counts.show_circuit),
    )
