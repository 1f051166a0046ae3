"""The routes of Telegram: where updates come in, and how a chat is linked."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from starlette.exceptions import HTTPException

from backend.core.errors import ConflictError, NotFoundError, ProviderUnavailableError, UnauthorizedError
from backend.core.logging import get_logger
from backend.features.telegram import service
from backend.features.telegram.schemas import ModeIn, TelegramFailure, TelegramLinkV1, TelegramStatusV1
from backend.providers.telegram import updates
from backend.providers.telegram.door import Telegram
from backend.providers.telegram.errors import TelegramError
from backend.providers.telegram.updates import MalformedUpdateError
from backend.web.guards import TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import Services, ServicesDep

router = APIRouter(prefix="/v1/integrations/telegram", tags=["telegram"])
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a name
# A person waits for the status; the bot's name is not worth more.
_NAME_TIMEOUT_S = 2.0
_logger = get_logger(__name__)


@router.post("/webhook", responses=documented(401, 404, 503))
async def receive_update(request: Request, services: ServicesDep) -> Response:
    """Take an update from Telegram; whatever is in it, it is answered for once it is kept.

    Telegram delivers again what was not answered with success, and nothing else of its chat before. What cannot be
    used is therefore taken, counted and dropped.
    """
    telegram = services.telegram
    if telegram is None:
        msg = "This deployment has no Telegram bot."
        raise NotFoundError(msg)
    shown = request.headers.get(SECRET_HEADER, "")
    # Before the body: who does not know the secret must not make us read, or parse.
    if not telegram.is_shown(shown.encode("latin-1", "replace")):
        telegram.counts.deliveries.labels("refused").inc()
        msg = "The delivery was refused."
        raise UnauthorizedError(msg)
    outcome = await _taken(request, services, telegram)
    telegram.counts.deliveries.labels(outcome).inc()
    # Empty: Telegram would run a method that a body names.
    return Response(status_code=status.HTTP_200_OK)


@router.post("/link", responses=documented(401, 409, 503))
async def link_chat(user: TwinWriteDep, services: ServicesDep, *, response: Response) -> TelegramLinkV1:
    """Get an address that links a chat to you: once, within ten minutes; the one before is void."""
    if services.telegram is None:
        msg = "This deployment has no Telegram bot."
        raise ConflictError(msg)
    try:
        bot = await services.telegram.bot.identity()
    except TelegramError as error:
        _logger.warning("telegram.unavailable", error=type(error).__name__)
        msg = "Telegram does not say who our bot is. Try again in a minute."
        raise ProviderUnavailableError(msg) from None
    async with services.database.statement() as connection:
        made = await service.make_code(connection, user.user_id, twin_id=user.twin_id)
    response.headers["Cache-Control"] = "no-store"
    url = f"https://t.me/{bot.username}?start={made.code}"
    return TelegramLinkV1(url=url, code=made.code, expires_at=made.expires_at)


@router.patch("/link", responses=documented(401, 404, 422, 503))
async def set_mode(change: ModeIn, user: TwinWriteDep, *, services: ServicesDep) -> TelegramStatusV1:
    """Set what a plain message in your chat is: a thought, or a question."""
    async with services.database.statement() as connection:
        await service.set_mode(connection, user.twin_id, mode=change.mode)
    return await _status(user.twin_id, services)


@router.delete("/link", responses=documented(401, 503))
async def unlink_chat(user: TwinWriteDep, services: ServicesDep) -> TelegramStatusV1:
    """Part your chat from your account; doing it twice is no error."""
    await service.unlink(services.database, user.user_id, twin_id=user.twin_id)
    return await _status(user.twin_id, services)


@router.get("/status", responses=documented(401, 503))
async def read_status(user: TwinDep, services: ServicesDep) -> TelegramStatusV1:
    """Read whether a chat is linked to you, and how it is."""
    return await _status(user.twin_id, services)


async def _taken(request: Request, services: Services, telegram: Telegram) -> str:
    try:
        body = await request.body()
    except HTTPException as error:
        # The limit on bodies. Telegram sends nothing near it; a refusal would hold a chat up for a day.
        _logger.warning("telegram.update_dropped", reason=f"HTTP {error.status_code}")
        return "too_large"
    try:
        update = updates.read(body)
    except MalformedUpdateError:
        _logger.warning("telegram.update_dropped", reason="malformed", length=len(body))
        return "malformed"
    if update.update_id < 0:
        # No update of Telegram's: a test of the address and the secret.
        return "test"
    async with services.database.unit_of_work() as connection:
        job_id = await service.receive(connection, telegram.bot.id, update=update, body=body)
    if job_id is None:
        return "duplicate"
    services.dispatcher.send_soon(job_id)
    return "kept"


async def _status(twin_id: UUID, services: Services) -> TelegramStatusV1:
    if services.telegram is None:
        return TelegramStatusV1(state="not_configured", linked=False, blocked=False)
    username = await _username(services.telegram)
    async with services.database.statement() as connection:
        found = await service.state_of(connection, twin_id)
    if found.link is None:
        return TelegramStatusV1(state="not_linked", linked=False, blocked=False, bot_username=username)
    return TelegramStatusV1.model_validate(
        {
            "state": "blocked" if found.link.blocked_at else "linked",
            "linked": True,
            "blocked": found.link.blocked_at is not None,
            "mode": found.link.mode,
            "linked_at": found.link.linked_at,
            "bot_username": username,
            "pending_messages": found.pending,
            "last_error": TelegramFailure.model_validate(found.failure) if found.failure else None,
        }
    )


async def _username(telegram: Telegram) -> str | None:
    try:
        async with asyncio.timeout(_NAME_TIMEOUT_S):
            return (await telegram.bot.identity()).username
    except (TelegramError, TimeoutError):
        return None
