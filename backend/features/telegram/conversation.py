"""What an update leads to: who may say what, what is done, and what is replied."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from backend.db.unit_of_work import Connection, Database
from backend.features.telegram import messages, outbox, repository
from backend.features.telegram.messages import CAPTURE, QUERY, Abilities, Command
from backend.features.telegram.repository import Link, StoredUpdate
from backend.providers.telegram import updates
from backend.providers.telegram.updates import MalformedUpdateError, Message, Update

_STRANGER_REPLIES = 5
_STRANGER_WINDOW = timedelta(minutes=10)
_TOLD = {
    "start": messages.HELP,
    "help": messages.HELP,
    "mode": messages.WHICH_MODE,
    "unknown": messages.UNKNOWN_COMMAND,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """What working updates off takes.

    Attributes:
        database: For what is committed update by update.
        abilities: What can be done from a chat.
    """

    database: Database
    abilities: Abilities


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What an update has led to.

    Attributes:
        outcome: In a few words, for the row.
        text: What is replied; empty for nothing.
        link: Whose reply it is; None for a stranger's.
    """

    outcome: str
    text: str = ""
    link: Link | None = None


# Runs in the transaction that ends the update: what it writes there is written once, or not at all.
Decision = Callable[[Connection], Awaitable[Said]]


def hash_of(code: str) -> bytes:
    """Return what is kept of a code; a plain hash will do for 128 random bits.

    Args:
        code: The code.
    """
    return hashlib.sha256(code.encode()).digest()


async def decide(desk: Desk, stored: StoredUpdate) -> Decision:
    """Do what an update asks for outside of its own transaction, and return what is left to do in it.

    Args:
        desk: What it takes.
        stored: The update.
    """
    try:
        update = updates.read(stored.body)
    except MalformedUpdateError:
        return _nothing("ignored: malformed")
    message = update.message
    reason = _kind_of(update) if message is None else _reason_to_ignore(message)
    if message is None or message.user_id is None or reason:
        return _nothing(f"ignored: {reason}")
    async with desk.database.statement() as own:
        link = await repository.link_of(own, message.user_id)
    command = messages.command_of(message.text)
    if command.name == "start" and command.argument:
        return _linking(message, message.user_id, command.argument)
    return _greeting(message, command) if link is None else await _served(desk, stored, link=link, command=command)


def apologise(stored: StoredUpdate) -> Decision:
    """Return what is left to do about an update that always fails.

    Args:
        stored: The update.
    """

    async def decided(connection: Connection) -> Said:
        message = updates.read(stored.body).message
        user_id = None if message is None else message.user_id
        link = None if user_id is None else await repository.link_of(connection, user_id)
        return Said(outcome="failed", text=messages.FAILED if link else "", link=link)

    return decided


def _kind_of(update: Update) -> str:
    return "odd message" if update.kind == "message" else update.kind


def _reason_to_ignore(message: Message) -> str:
    if message.chat_type != updates.PRIVATE:
        return "not private"
    if message.is_bot or message.user_id is None:
        return "nobody"
    return "" if message.text else "no text"


def _nothing(outcome: str) -> Decision:
    async def decided(_connection: Connection) -> Said:
        return Said(outcome=outcome)

    return decided


def _linking(message: Message, user_id: int, code: str) -> Decision:
    async def decided(connection: Connection) -> Said:
        owner = await repository.use_code(connection, hash_of(code))
        if owner is not None:
            await repository.link(connection, owner, telegram_user_id=user_id, chat_id=message.chat_id)
        link = await repository.link_of(connection, user_id)
        if owner is not None:
            return Said(outcome="linked", text=messages.LINKED, link=link)
        refused = Said(outcome="code refused", text=messages.CODE_REFUSED, link=link)
        return refused if link is not None else await _limited(connection, message, refused)

    return decided


def _greeting(message: Message, command: Command) -> Decision:
    async def decided(connection: Connection) -> Said:
        if command.name not in {"start", "help"}:
            return Said(outcome="ignored: not linked")
        return await _limited(connection, message, Said(outcome="greeted", text=messages.STRANGER))

    return decided


async def _limited(connection: Connection, message: Message, said: Said) -> Said:
    # In a private chat the chat is the person.
    sent = await outbox.count_to_stranger(connection, message.chat_id, within=_STRANGER_WINDOW)
    return said if sent < _STRANGER_REPLIES else Said(outcome="ignored: too many")


async def _served(desk: Desk, stored: StoredUpdate, *, link: Link, command: Command) -> Decision:
    mode = _mode_wanted(command)
    if mode is not None:
        said = Said(outcome=f"mode {mode}", text=messages.MODES[mode], link=link)
    elif command.name == "unlink":
        said = Said(outcome="unlinked", text=messages.UNLINKED, link=link)
    else:
        said = await _performed(desk, stored, link=link, command=command)

    async def decided(connection: Connection) -> Said:
        await repository.unblock(connection, link, seen_at=stored.received_at)
        if mode is not None:
            await repository.set_mode(connection, link.twin_id, mode=mode)
        if command.name == "unlink":
            await repository.unlink(connection, link.twin_id)
        return said

    return decided


def _mode_wanted(command: Command) -> str | None:
    if command.name == "mode":
        wanted = command.argument.lower()
        return wanted if wanted in messages.MODES else None
    return {"capture": CAPTURE, "ask": QUERY}.get(command.name) if not command.argument else None


async def _performed(desk: Desk, stored: StoredUpdate, *, link: Link, command: Command) -> Said:
    key = f"telegram:{stored.bot_id}:{stored.update_id}"
    by_mode = "ask" if link.mode == QUERY else "capture"
    match by_mode if command.name == "text" else command.name:
        case "capture":
            summary = await desk.abilities.capture(link.twin_id, command.argument, key=key)
            return Said(outcome="captured", text=messages.of_captured(summary), link=link)
        case "ask":
            answer = await desk.abilities.ask(link.twin_id, command.argument, key=key)
            return Said(outcome="answered", text=messages.of_answer(answer), link=link)
        case "plan":
            plan = await desk.abilities.plan(link.twin_id)
            return Said(outcome="planned", text=messages.of_plan(plan), link=link)
        case name:
            return Said(outcome="told", text=_TOLD[name], link=link)
