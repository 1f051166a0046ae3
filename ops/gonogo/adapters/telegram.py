"""Telegram's Bot API, and the service's webhook asked as Telegram would.

The bot's token is part of each path, so that no path is ever shown: errors name the host.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gonogo.adapters.http import Answer, Http, understanding
from gonogo.errors import RefusedError
from gonogo.model import BotSeen, Secret, WebhookSeen, WebhookWish

_CONNECTIONS = 40
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # a header's name
# The service takes a number below zero for a test of its address, and keeps nothing of it.
_TEST_UPDATE = {"update_id": -1}
_SHOWN = 200


class TelegramApi:
    """A bot, as its owner."""

    def __init__(self, url: str, token: Secret, *, timeout_s: float) -> None:
        """Prepare; nothing is contacted yet."""
        self._http = Http(url, token="", timeout_s=timeout_s)
        self._token = token

    def me(self) -> BotSeen:
        """Return who the token belongs to.

        Raises:
            RefusedError: Telegram does not know the token.
        """
        result = self._call("GET", "getMe")
        with self._understood():
            return BotSeen(id=int(result["id"]), username=str(result["username"]))

    def webhook(self) -> WebhookSeen:
        """Return the webhook as it is."""
        result = self._call("GET", "getWebhookInfo")
        with self._understood():
            failed_at = result.get("last_error_date")
            return WebhookSeen(
                url=str(result["url"]),
                pending=int(result["pending_update_count"]),
                allowed_updates=tuple(sorted(str(each) for each in result.get("allowed_updates", ()))),
                last_error_at=None if failed_at is None else datetime.fromtimestamp(int(failed_at), UTC),
                last_error=self._shown(str(result.get("last_error_message", ""))),
            )

    def set_webhook(self, wish: WebhookWish) -> None:
        """Set the whole webhook; what waits is kept.

        Raises:
            RefusedError: Telegram said no.
        """
        body = {
            "url": wish.url,
            "secret_token": wish.secret,
            "allowed_updates": list(wish.allowed_updates),
            "max_connections": _CONNECTIONS,
            "drop_pending_updates": False,
        }
        self._call("POST", "setWebhook", body)

    def _call(self, method: str, name: str, body: object = None) -> Mapping[str, Any]:
        answer = self._http.request(method, f"/bot{self._token.reveal()}/{name}", body=body)
        with self._understood():
            if answer.body["ok"] is not True:
                raise self._refused(name, answer)
            result: Mapping[str, Any] = answer.body["result"]
            return result

    def _refused(self, name: str, answer: Answer) -> RefusedError:
        said = self._shown(str(answer.body.get("description", "")))
        message = f"Telegram refused {name}: HTTP {answer.status} {said}"
        why = "it does not know the bot's token" if answer.status in {401, 404} else ""
        hint = f"set {self._token.name} to the token that BotFather shows" if why else ""
        return RefusedError("telegram-refused", message, where=self._http.base_url, why=why, hint=hint)

    def _shown(self, text: str) -> str:
        return text.replace(self._token.reveal(), "***")[:_SHOWN]

    def _understood(self) -> Any:
        return understanding("Telegram's", where=self._http.base_url)


class HttpWebhook:
    """The service's webhook, from outside."""

    def __init__(self, url: str, path: str, *, timeout_s: float) -> None:
        """Prepare; nothing is contacted yet."""
        self._http = Http(url, token="", timeout_s=timeout_s)
        self._path = path
        self.url = f"{self._http.base_url.rstrip('/')}{path}"

    def deliver(self, secret: str | None) -> int:
        """Deliver a test update and return the status; None shows no secret.

        Raises:
            UnreachableError: nothing answers.
        """
        headers = {} if secret is None else {_SECRET_HEADER: secret}
        return self._http.request("POST", self._path, body=_TEST_UPDATE, headers=headers).status
