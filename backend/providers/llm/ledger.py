"""A row for each operation that a provider was asked for: best effort, beside the request and never in its way."""

import asyncio
from datetime import timedelta

from sqlalchemy import Interval, bindparam, insert, text

from backend.core.logging import get_logger
from backend.db.models import ProviderCall
from backend.db.unit_of_work import Connection, Database
from backend.providers.llm.counts import Call

_WAITING_MAX = 200
_WRITE_S = 5.0
_BATCH = 10_000
_FORGET = text(
    "DELETE FROM provider_calls WHERE id IN"
    " (SELECT id FROM provider_calls WHERE at < now() - :after ORDER BY at LIMIT :batch)"
).bindparams(bindparam("after", type_=Interval()), bindparam("batch", _BATCH))
_logger = get_logger(__name__)


class CallLedger:
    """Writes rows in the background; while the database does not answer, they are lost."""

    def __init__(self, database: Database) -> None:
        """Keep where they go.

        Args:
            database: The way to Postgres.
        """
        self._database = database
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, call: Call) -> None:
        """Begin to write a row, and return at once.

        Args:
            call: How it ended.
        """
        if len(self._writing) >= _WAITING_MAX:
            _logger.warning("provider.call_not_noted", reason="too many are waiting")
            return
        task = asyncio.create_task(self._write(call))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def drain(self) -> None:
        """Wait until every row is written, or was given up."""
        if self._writing:
            await asyncio.wait(self._writing)

    async def _write(self, call: Call) -> None:
        try:
            async with asyncio.timeout(_WRITE_S), self._database.statement() as connection:
                await connection.execute(insert(ProviderCall).values(_row(call)))
        except Exception as error:  # noqa: BLE001 -- nothing but a measurement is lost
            _logger.warning("provider.call_not_noted", reason=type(error).__name__)


def _row(call: Call) -> dict[str, object]:
    return {
        "twin_id": call.twin_id,
        "operation": call.operation,
        "outcome": call.outcome,
        "model": call.model,
        "attempts": call.attempts,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "milliseconds": round(call.seconds * 1_000),
    }


async def forget(connection: Connection, after: timedelta) -> None:
    """Delete some of the oldest rows, at most 10,000.

    Args:
        connection: A transaction.
        after: How long a row is kept.
    """
    await connection.execute(_FORGET, {"after": after})
