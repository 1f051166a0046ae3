"""The jobs of Telegram."""

from datetime import timedelta

from backend.db.unit_of_work import Connection, Database
from backend.features.telegram import delivery, inbox, service
from backend.features.telegram.conversation import Desk
from backend.features.telegram.delivery import Sender
from backend.features.telegram.messages import Abilities
from backend.jobs.records import ClaimedJob, Kind
from backend.providers.telegram.door import Telegram


def kinds(database: Database, telegram: Telegram | None, *, abilities: Abilities) -> dict[str, Kind]:
    """Return by name how each kind is run; none without a bot.

    Args:
        database: For what is committed before a job ends.
        telegram: The bot; None when this deployment has none.
        abilities: What can be done from a chat.
    """
    if telegram is None:
        return {}
    desk = Desk(database=database, abilities=abilities)
    sender = Sender(database=database, telegram=telegram)

    async def answer_update(connection: Connection, job: ClaimedJob) -> None:
        bot_id, update_id = (int(str(job.payload[name])) for name in ("bot_id", "update_id"))
        await inbox.work_off(desk, connection, bot_id=bot_id, update_id=update_id)

    async def send_messages(connection: Connection, job: ClaimedJob) -> None:
        await delivery.work_off(sender, connection, chat_id=int(str(job.payload["chat_id"])))

    return {service.UPDATE: Kind(run=answer_update), inbox.SEND: Kind(run=send_messages)}


async def purge(connection: Connection, after: timedelta) -> None:
    """Delete what is older than that.

    Args:
        connection: The job's transaction.
        after: How long jobs, and so updates and messages, are kept.
    """
    await service.purge(connection, after=after)
