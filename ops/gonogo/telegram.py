"""A bot's webhook: looked at, set, and looked at again. Telegram never shows the secret; a delivery proves it."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gonogo import rollout
from gonogo.errors import ConfigurationError, GonogoError, NoGoError
from gonogo.model import BotSeen, Config, Sight, TelegramTarget, Webhook, WebhookSeen, WebhookWish
from gonogo.protocols import BotApi, Clock, WebhookDoor

_PENDING_MAX = 20
# Telegram's date of the last error stays after later successes; only a young one is news.
_NEWS = timedelta(minutes=5)
# What waits is delivered again after two minutes at the latest.
_DRAIN_S = 120.0
_PORTS = ("443", "80", "88", "8443")
_TOKEN = re.compile(r"[0-9]{1,18}:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TAKEN, _REFUSED, _NO_BOT = 200, 401, 404


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What stands between Telegram and the service.

    Attributes:
        api: Telegram.
        door: the service's webhook.
        wish: what the webhook shall be.
        accepted: every secret that the service must take.
        bot: the name that the bot must have; empty is any.
    """

    api: BotApi
    door: WebhookDoor
    clock: Clock
    wish: WebhookWish
    accepted: tuple[str, ...]
    bot: str


def demand(config: Config) -> tuple[Webhook, TelegramTarget]:
    """Return what an environment says of its bot.

    Raises:
        ConfigurationError: something is missing, all of it at once.
    """
    target, hook = config.target.telegram, config.telegram
    problems = [*target.missing, *_misshapen(target)] if target else []
    if hook is None:
        problems.append("telegram.webhook is missing: write [telegram] with webhook and allowed_updates")
    if not config.target.stack:
        problems += _not_public(config)
    if problems or hook is None or target is None:
        name = config.target.name
        message = f"the Telegram bot of {name!r} is not complete"
        hint = f"set them, then: invoke telegram.verify --env {name}"
        raise ConfigurationError("telegram-incomplete", message, problems=tuple(problems), hint=hint)
    return hook, target


def before(line: Line) -> tuple[Sight, ...]:
    """Return what must be well before the webhook may be set: the right bot, and a service that takes our secret."""
    return (_looked("bot", lambda: _bot(line.api.me(), line.bot)), *_probes(line))


def after(line: Line, *, since: datetime | None = None) -> tuple[Sight, ...]:
    """Return how the webhook is; an error counts from a moment on, or within the last minutes."""
    try:
        seen = line.api.webhook()
    except GonogoError as error:
        return (Sight(part="webhook", is_well=False, says=error.message),)
    moment = line.clock.now() - _NEWS if since is None else since
    return (_address(seen, line.wish), _kinds(seen, line.wish), _errors(seen, moment), _queue(seen))


def put(line: Line) -> tuple[Sight, ...]:
    """Set the webhook, wait until what has waited is delivered, and return how it is."""
    # Telegram counts whole seconds.
    since = line.clock.now().replace(microsecond=0)
    line.api.set_webhook(line.wish)
    rollout.until(line.clock, _DRAIN_S, 1.0, lambda: _is_settled(line.api.webhook(), since))
    return (*_probes(line), *after(line, since=since))


def refuse_unready(sights: tuple[Sight, ...]) -> None:
    """Refuse to set a webhook that could not work.

    Raises:
        NoGoError: something is not well.
    """
    bad = [f"{each.part}: {each.says}" for each in sights if not each.is_well]
    if bad:
        why = "Telegram would hold messages back, and drop them after a day"
        hint = "mend it, then: invoke telegram.webhook --env NAME"
        raise NoGoError("telegram-not-ready", "; ".join(bad), why=why, hint=hint)


def _misshapen(target: TelegramTarget) -> list[str]:
    token, shown = target.token, target.webhook_secrets
    problems = []
    if token.reveal() and not _TOKEN.fullmatch(token.reveal()):
        problems.append(f"{token.name} is no bot's token: a number, a colon and a secret, as BotFather shows it")
    if any(not _SECRET.fullmatch(each.reveal()) for each in shown):
        problems.append(f"{shown[0].name} must be 1 to 256 characters of A-Z a-z 0-9 _ -, or several with commas")
    return problems


def _not_public(config: Config) -> list[str]:
    problems = []
    if not _is_public(config.target.api_url):
        problems.append(f"api_url must begin with https:// and use port {', '.join(_PORTS)}: Telegram takes no other")
    if config.target.telegram and not config.target.telegram.url.startswith("https://"):
        problems.append("telegram_url must begin with https://: the token is part of each address")
    return problems


def _is_public(url: str) -> bool:
    host = url.removeprefix("https://").partition("/")[0]
    _, colon, port = host.rpartition(":")
    return url.startswith("https://") and (not colon or port in _PORTS)


def _looked(part: str, look: Callable[[], tuple[bool, str]]) -> Sight:
    try:
        is_well, says = look()
    except GonogoError as error:
        is_well, says = False, error.message
    return Sight(part=part, is_well=is_well, says=says)


def _bot(seen: BotSeen, wanted: str) -> tuple[bool, str]:
    said = f"@{seen.username}, number {seen.id}"
    is_wanted = wanted.removeprefix("@").lower() in {"", seen.username.lower()}
    return is_wanted, said if is_wanted else f"{said}; expected @{wanted.removeprefix('@')}"


def _probes(line: Line) -> tuple[Sight, ...]:
    wrong = secrets.token_urlsafe(16)
    shown = [("no secret", None, _REFUSED), ("wrong secret", wrong, _REFUSED)]
    shown += [(f"secret {number}", each, _TAKEN) for number, each in enumerate(line.accepted, start=1)]
    return tuple(_looked(part, lambda given=given, to=to: _probe(line.door, given, to)) for part, given, to in shown)  # type: ignore[misc]


def _probe(door: WebhookDoor, secret: str | None, expected: int) -> tuple[bool, str]:
    status = door.deliver(secret)
    if status == expected:
        return True, f"HTTP {status}, as it must be"
    told = " (the service has no bot: set its token and secret there)" if status == _NO_BOT else ""
    return False, f"HTTP {status}, expected {expected}{told}"


def _address(seen: WebhookSeen, wish: WebhookWish) -> Sight:
    is_well = seen.url == wish.url
    says = seen.url or "not set"
    return Sight(part="address", is_well=is_well, says=says if is_well else f"{says}; expected {wish.url}")


def _kinds(seen: WebhookSeen, wish: WebhookWish) -> Sight:
    is_well = set(seen.allowed_updates) == set(wish.allowed_updates)
    says = ", ".join(seen.allowed_updates) or "Telegram's choice"
    wanted = ", ".join(wish.allowed_updates)
    return Sight(part="updates", is_well=is_well, says=says if is_well else f"{says}; expected {wanted}")


def _errors(seen: WebhookSeen, since: datetime) -> Sight:
    if seen.last_error_at is None:
        return Sight(part="errors", is_well=True, says="none")
    says = f"{seen.last_error_at:%F %T} UTC: {seen.last_error}"
    return Sight(part="errors", is_well=seen.last_error_at < since, says=says)


def _queue(seen: WebhookSeen) -> Sight:
    return Sight(part="queue", is_well=seen.pending <= _PENDING_MAX, says=f"{seen.pending} waiting")


def _is_settled(seen: WebhookSeen, since: datetime) -> bool:
    is_failing = seen.last_error_at is not None and seen.last_error_at >= since
    return seen.pending == 0 or is_failing
