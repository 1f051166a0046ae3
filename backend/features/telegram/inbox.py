"""How updates are worked off: a chat's one after the other, each ended together with its reply."""

from datetime import timedelta

from backend.core.errors import DatabaseUnavailableError, LeaseLostError
from backend.core.logging import get_logger, place_of
from backend.db.unit_of_work import Connection
from backend.features.telegram import conversation, messages, outbox, repository
from backend.features.telegram.conversation import Decision, Desk, Said
from backend.features.telegram.outbox import Reply
from backend.features.telegram.repository import StoredUpdate
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob, RetryJobError

SEND = "telegram.send"
# A message waits for its turn, for Telegram's leave and for Telegram itself; each wait is an attempt of its job.
SEND_ATTEMPTS = 50
_BUSY_WAIT = timedelta(seconds=1)
_FAILURES_MAX = 3
_logger = get_logger(__name__)


async def work_off(desk: Desk, connection: Connection, *, bot_id: int, update_id: int) -> None:
    """Work an update off, and whatever else waits in the same chat, in the order in which it came.

    Args:
        desk: What it takes.
        connection: The job's transaction; it holds the chat until it ends.
        bot_id: Which bot got it.
        update_id: Its number.

    Raises:
        RetryJobError: Another worker has the chat, or an update failed and is to be tried again.
    """
    stored = await _first(desk, bot_id, update_id)
    if stored is None:
        return
    chat = f"{bot_id}:{update_id}" if stored.chat_id is None else f"{bot_id}:chat:{stored.chat_id}"
    if not await repository.try_lock(connection, chat):
        # It may have looked for the last time already, so that this update is looked after once more.
        msg = "another worker has the chat"
        raise RetryJobError(msg, delay=_BUSY_WAIT)
    following = await _first(desk, bot_id, update_id)
    while following is not None:
        await _answer(desk, following)
        following = await _next(desk, following)


async def _first(desk: Desk, bot_id: int, update_id: int) -> StoredUpdate | None:
    async with desk.database.statement() as own:
        stored = await repository.pending_update(own, bot_id, update_id=update_id)
        if stored is None or stored.chat_id is None:
            return stored
        return await repository.first_of_chat(own, bot_id, chat_id=stored.chat_id)


async def _next(desk: Desk, stored: StoredUpdate) -> StoredUpdate | None:
    if stored.chat_id is None:
        return None
    async with desk.database.statement() as own:
        return await repository.first_of_chat(own, stored.bot_id, chat_id=stored.chat_id)


async def _answer(desk: Desk, stored: StoredUpdate) -> None:
    try:
        await _settle(desk, stored, await conversation.decide(desk, stored))
    except (DatabaseUnavailableError, LeaseLostError):
        raise
    except Exception as error:  # noqa: BLE001 -- one update that always fails must not hold its chat up
        await _note_failure(desk, stored, error)


async def _note_failure(desk: Desk, stored: StoredUpdate, error: Exception) -> None:
    async with desk.database.statement() as own:
        failures = await repository.count_failure(own, stored)
    _logger.warning(
        "telegram.update_failed",
        update_id=stored.update_id,
        failures=failures,
        error=type(error).__name__,
        where=place_of(error),
    )
    if failures < _FAILURES_MAX:
        msg = f"an update failed: {type(error).__name__}"
        raise RetryJobError(msg, delay=_BUSY_WAIT) from error
    await _settle(desk, stored, conversation.apologise(stored))


async def _settle(desk: Desk, stored: StoredUpdate, decision: Decision) -> None:
    async with desk.database.unit_of_work() as connection:
        said = await decision(connection)
        if said.text and stored.chat_id is not None:
            await _reply(connection, stored, chat_id=stored.chat_id, said=said)
        if not await repository.end_update(connection, stored, outcome=said.outcome):
            msg = f"update {stored.update_id} was worked off by another worker"
            raise LeaseLostError(msg)


async def _reply(connection: Connection, stored: StoredUpdate, *, chat_id: int, said: Said) -> None:
    key = f"telegram:{stored.bot_id}:{stored.update_id}"
    twin_id = said.link.twin_id if said.link else None
    parts = messages.parts_of(said.text)
    await outbox.put(connection, Reply(key=key, twin_id=twin_id, chat_id=chat_id, parts=parts))
    # The service's own job: a chat may be another person's by the time that it runs.
    job = NewJob(
        kind=SEND,
        twin_id=None,
        idempotency_key=f"{SEND}:{key}",
        payload={"chat_id": chat_id},
        max_attempts=SEND_ATTEMPTS,
    )
    await enqueue(connection, job)
