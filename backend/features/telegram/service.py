"""The rules about deliveries and links."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.errors import NotFoundError
from backend.db.unit_of_work import Connection, Database
from backend.features.telegram import outbox, repository
from backend.features.telegram.conversation import hash_of
from backend.features.telegram.outbox import Failure
from backend.features.telegram.repository import Link, NewUpdate, Owner
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from backend.providers.telegram.updates import Update

UPDATE = "telegram.update"
CODE_LIFETIME = timedelta(minutes=10)
# 128 bits; base64url makes 22 characters of it, and Telegram takes 64.
_CODE_BYTES = 16
# An update waits for others of its chat; each wait is an attempt.
_UPDATE_ATTEMPTS = 20
# Telegram may deliver again for a day; what was there before must be known for longer.
_UPDATES_MIN = timedelta(days=2)
_CODES_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkCode:
    """A code that links once.

    Attributes:
        code: The code itself, which is not kept.
        expires_at: When it ceases to be valid.
    """

    code: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkState:
    """How a twin's chat is.

    Attributes:
        link: None when there is none.
        pending: Messages that wait to be sent.
        failure: The last one that met an error.
    """

    link: Link | None
    pending: int
    failure: Failure | None


async def receive(connection: Connection, bot_id: int, *, update: Update, body: bytes) -> UUID | None:
    """Keep an update with its job, and return the job; None when it was there before.

    Args:
        connection: The caller's transaction.
        bot_id: Which bot got it.
        update: What could be read of it.
        body: What was sent.
    """
    chat_id = None if update.message is None else update.message.chat_id
    new = NewUpdate(bot_id=bot_id, update_id=update.update_id, chat_id=chat_id, body=body)
    if not await repository.insert_update(connection, new):
        return None
    job = NewJob(
        kind=UPDATE,
        twin_id=None,
        idempotency_key=f"{UPDATE}:{bot_id}:{update.update_id}",
        payload={"bot_id": bot_id, "update_id": update.update_id},
        max_attempts=_UPDATE_ATTEMPTS,
    )
    return await enqueue(connection, job)


async def make_code(connection: Connection, user_id: UUID, *, twin_id: UUID) -> LinkCode:
    """Make a code that links a chat to a twin; the one before is void.

    Args:
        connection: A connection on which each statement commits.
        user_id: Who asks.
        twin_id: Their twin.
    """
    code = secrets.token_urlsafe(_CODE_BYTES)
    owner = Owner(user_id=user_id, twin_id=twin_id)
    expires_at = await repository.keep_code(connection, owner, code_hash=hash_of(code), lifetime=CODE_LIFETIME)
    return LinkCode(code=code, expires_at=expires_at)


async def state_of(connection: Connection, twin_id: UUID) -> LinkState:
    """Return how a twin's chat is.

    Args:
        connection: An open connection.
        twin_id: The twin.
    """
    link = await repository.link_of_twin(connection, twin_id)
    if link is None:
        return LinkState(link=None, pending=0, failure=None)
    pending = await outbox.count_pending(connection, twin_id, chat_id=link.chat_id)
    failure = await outbox.last_failure(connection, twin_id, chat_id=link.chat_id)
    return LinkState(link=link, pending=pending, failure=failure)


async def set_mode(connection: Connection, twin_id: UUID, *, mode: str) -> None:
    """Set what a plain message in the chat is.

    Args:
        connection: The caller's transaction.
        twin_id: Whose chat.
        mode: capture or query.

    Raises:
        NotFoundError: No chat is linked.
    """
    if not await repository.set_mode(connection, twin_id, mode=mode):
        msg = "No chat is linked; POST /v1/integrations/telegram/link begins that."
        raise NotFoundError(msg)


async def unlink(database: Database, user_id: UUID, *, twin_id: UUID) -> None:
    """Part a chat from a twin; nothing that waits is sent, and no code that is open links any more.

    Args:
        database: Where it is committed.
        user_id: Who asks.
        twin_id: Their twin.
    """
    async with database.unit_of_work() as connection:
        link = await repository.link_of_twin(connection, twin_id)
        await repository.drop_codes(connection, user_id)
        if link is not None and await repository.unlink(connection, twin_id):
            await outbox.drop_chat(connection, link.chat_id, error="the chat was unlinked")


async def purge(connection: Connection, *, after: timedelta) -> int:
    """Delete old updates, messages and codes, and return how many.

    Args:
        connection: A transaction.
        after: How long updates and messages are kept; two days at least.
    """
    kept = max(after, _UPDATES_MIN)
    deleted = await repository.purge(connection, updates_after=kept, codes_after=_CODES_AFTER)
    return deleted + await outbox.purge(connection, after=kept)
