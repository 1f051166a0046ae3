"""setWebhook: what may be set, and what an omission means."""

import ipaddress
import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gonogo.local.providers.telegram.bots import DEFAULT_CONNECTIONS, Bot, Webhook
from gonogo.local.providers.telegram.failures import bad_request, too_many

_PORTS = frozenset((443, 80, 88, 8443))
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_SECRET_MAX = 256
_CONNECTIONS_MAX = 100


def put(bot: Bot, given: Mapping[str, Any]) -> str:
    """Replace a bot's whole webhook, and return what Telegram says about it.

    Raises:
        Failed: a value is not allowed, or the last call was just now.
    """
    _pace(bot)
    url = str(given.get("url") or "")
    if not url:
        return remove(bot, given)
    wanted = Webhook(
        url=_checked_url(url),
        # What is left out is cleared, but for the kinds of updates, which stay as they were.
        secret=_checked_secret(str(given.get("secret_token") or "")),
        allowed=_allowed(given.get("allowed_updates"), bot.webhook.allowed),
        max_connections=_connections(given.get("max_connections")),
        has_certificate=bool(given.get("certificate")),
        ip_address=_checked_ip(str(given.get("ip_address") or "")),
    )
    _drop(bot, given)
    if wanted == bot.webhook:
        return "Webhook is already set"
    bot.webhook, bot.last_error = wanted, None
    return "Webhook was set"


def remove(bot: Bot, given: Mapping[str, Any]) -> str:
    """Remove a bot's webhook, and return what Telegram says about it."""
    _drop(bot, given)
    if not bot.webhook.url:
        return "Webhook is already deleted"
    bot.webhook, bot.last_error = Webhook(allowed=bot.webhook.allowed), None
    return "Webhook was deleted"


def is_true(value: object) -> bool:
    """Return what Telegram takes for true."""
    return value is True or str(value).lower() in {"true", "1", "yes"}


def on_loopback(url: str) -> bool:
    """Return whether an address is this machine's."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def _pace(bot: Bot) -> None:
    now, pause = time.monotonic(), bot.flood.settings.webhook_pause_s
    if now - bot.webhook_set_at < pause:
        raise too_many(1)
    bot.webhook_set_at = now


def _drop(bot: Bot, given: Mapping[str, Any]) -> None:
    if is_true(given.get("drop_pending_updates")):
        bot.pending.clear()


def _checked_url(url: str) -> str:
    """Return an address; plain HTTP is let through on loopback only, where no certificate can be had."""
    parts = urlsplit(url)
    if parts.scheme == "http" and on_loopback(url):
        return url
    if parts.scheme != "https" or not parts.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS and not on_loopback(url):
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return url


def _checked_secret(secret: str) -> str:
    if len(secret) > _SECRET_MAX:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    return secret


def _checked_ip(text: str) -> str:
    try:
        if text and not ipaddress.ip_address(text).is_global:
            raise bad_request("bad webhook: IP address is reserved")
    except ValueError:
        raise bad_request("bad webhook: IP address is invalid") from None
    return text


def _allowed(given: Any, former: tuple[str, ...]) -> tuple[str, ...]:  # JSON
    if given is None:
        return former
    try:
        kinds = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise bad_request("can't parse allowed updates JSON object") from None
    if not isinstance(kinds, list):
        raise bad_request("allowed_updates must be an array")
    return tuple(sorted({str(kind) for kind in kinds}))


def _connections(given: Any) -> int:  # JSON
    try:
        return min(_CONNECTIONS_MAX, max(1, int(given))) if given is not None else DEFAULT_CONNECTIONS
    except (TypeError, ValueError):
        return DEFAULT_CONNECTIONS
