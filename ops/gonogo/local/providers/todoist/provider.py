"""Todoist as a whole: who may ask, which endpoint is meant, and what a test may arrange."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gonogo.local.providers import wire
from gonogo.local.providers.faults import Fault, always, table
from gonogo.local.providers.routing import Routes
from gonogo.local.providers.standin import Action
from gonogo.local.providers.todoist import items, rest, sync
from gonogo.local.providers.todoist.account import Account
from gonogo.local.providers.todoist.calls import Call, Settings
from gonogo.local.providers.todoist.rejections import Rejected, bad_token, gone, invalid, not_found, too_many
from gonogo.local.providers.todoist.tables import Clock
from gonogo.local.providers.wire import Came

_BASE = "/api/v1"
_FORMER = ("/rest/v", "/sync/v")
_BODY_MAX = 1024 * 1024
_SHORTEST_TOKEN = 16


def _rejected(rejected: Rejected) -> Response:
    wait = rejected.form["error_extra"].get("retry_after")
    return wire.answer(rejected.form, rejected.status, {"Retry-After": str(wait)} if wait is not None else None)


def _rate_limit(settings: Mapping[str, Any]) -> Response:
    return _rejected(too_many(int(settings.get("retry_after", 1))))


def _server_error(settings: Mapping[str, Any]) -> Response:
    extra = {"retry_after": settings["retry_after"]} if "retry_after" in settings else {}
    status = int(settings.get("status", 500))
    return _rejected(Rejected(status, "INTERNAL_SERVER_ERROR", code=0, text="Internal server error", **extra))


def _forbidden(_: Mapping[str, Any]) -> Response:
    return _rejected(Rejected(403, "PREMIUM_ONLY", code=32, text="Premium only feature"))


_WAIT = {"retry_after": "seconds, in the header and in error_extra"}
FAULTS = table(
    Fault(name="rate-limit", summary="answers 429", behave=always(_rate_limit), settings=_WAIT),
    Fault(
        name="server-error",
        summary="answers 500 in Todoist's form",
        behave=always(_server_error),
        settings={**_WAIT, "status": "another status"},
    ),
    Fault(name="unauthorized", summary="answers 401", behave=always(lambda _: _rejected(bad_token()))),
    Fault(name="forbidden", summary="answers 403, as for a plan that lacks something", behave=always(_forbidden)),
)


class Todoist:
    """Todoist. A token of 16 characters or more has an account of its own, which is there when it is first used."""

    name = "todoist"
    faults: Mapping[str, Fault] = FAULTS

    def __init__(self) -> None:
        """Start without an account."""
        self._routes = Routes[rest.Endpoint](rest.ENDPOINTS)
        self.reset()

    def reset(self) -> None:
        """Forget every account and setting."""
        self._accounts: dict[str, Account] = {}
        self._budgets: dict[str, sync.Budget] = {}
        self._revoked: set[str] = set()
        self._settings = Settings()
        self._clock = Clock()

    async def answer(self, came: Came) -> Response:
        """Answer a request."""
        try:
            return self._answer(came)
        except Rejected as rejected:
            return _rejected(rejected)

    def state(self) -> Any:  # JSON
        """Return every account with all its rows."""
        accounts = [
            {
                "email": account.email,
                "user_id": account.user_id,
                **{kind: list(getattr(account, kind)) for kind in ("items", "projects", "sections", "labels")},
                "completions": account.completions,
                "commands": len(account.executed),
            }
            for account in self._accounts.values()
        ]
        return {"accounts": accounts, "settings": asdict(self._settings)}

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return what a test may arrange."""
        return {
            ("POST", "settings"): self._set,
            ("POST", "accounts"): self._open,
            ("POST", "items"): self._put_items,
            ("POST", "clock"): self._set_clock,
            ("POST", "revoke"): self._revoke,
        }

    def _answer(self, came: Came) -> Response:
        if came.path.startswith(_FORMER):
            raise gone()
        path = came.path.removeprefix(_BASE)
        if not came.path.startswith(_BASE + "/"):
            raise not_found("Endpoint")
        account = self._account(came.bearer)
        if len(came.raw) > _BODY_MAX:
            raise Rejected(413, "PAYLOAD_TOO_LARGE", code=413, text="Payload too large")
        if came.method == "POST" and path == "/sync":
            call = Call(account=account, settings=self._settings, came=came, named={})
            return wire.answer(sync.answer(call, self._budgets.setdefault(came.bearer, sync.Budget())))
        return self._rest(came, path, account=account)

    def _rest(self, came: Came, path: str, *, account: Account) -> Response:
        found = self._routes.find(came.method, path)
        if found is None and (path == "/sync" or self._routes.knows(path)):
            raise Rejected(405, "METHOD_NOT_ALLOWED", code=405, text="Method not allowed")
        if found is None:
            raise not_found("Endpoint")
        if came.raw and came.body is None:
            raise invalid("body", "not JSON")
        answered = found.handler(Call(account=account, settings=self._settings, came=came, named=found.named))
        return wire.answer(answered) if answered is not None else Response(status_code=204)

    def _account(self, token: str) -> Account:
        if len(token) < _SHORTEST_TOKEN or token in self._revoked:
            raise bad_token()
        if token not in self._accounts:
            self._accounts[token] = Account(self._clock, f"user{len(self._accounts) + 1}@localhost")
        return self._accounts[token]

    def _set(self, given: Mapping[str, Any]) -> Any:  # JSON
        known = {each.name for each in fields(Settings)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"no such setting: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
        for name, value in given.items():
            setattr(self._settings, name, value)
        return asdict(self._settings)

    def _open(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Set an account up: `token`, and `email`, `timezone`, where the defaults will not do."""
        account = self._account(str(given["token"]))
        account.email = str(given.get("email", account.email))
        account.timezone = str(given.get("timezone", account.timezone))
        return account.user("")

    def _put_items(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Do what somebody does in the app: each of `items` is added, or changes the one whose `id` it has."""
        account = self._account(str(given["token"]))
        made = [self._put_item(account, dict(each)) for each in given["items"]]
        return {"ids": made}

    def _put_item(self, account: Account, given: dict[str, Any]) -> str:
        item_id = given.pop("id", None) or items.add(account, given)
        known = {name: value for name, value in given.items() if name not in {"due", "content"}}
        if given.get("due") is not None or "content" in given:
            items.update(
                account, {"id": item_id, **{name: given[name] for name in ("due", "content") if name in given}}
            )
        items.put_raw(account, item_id, known)
        return str(item_id)

    def _set_clock(self, given: Mapping[str, Any]) -> Any:  # JSON
        now = given.get("now")
        self._clock.set(datetime.fromisoformat(now) if now else None)
        return {"now": self._clock.now().isoformat()}

    def _revoke(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Make a token worthless; the account goes on under `replaced_by`, where one is given."""
        token = str(given["token"])
        self._account(token)
        self._revoked.add(token)
        if replacement := given.get("replaced_by"):
            self._accounts[str(replacement)] = self._accounts.pop(token)
        return {}
