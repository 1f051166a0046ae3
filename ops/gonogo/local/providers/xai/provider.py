"""xAI as a whole: whose key it is, which endpoint is meant, and what a test may arrange."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import PlainTextResponse, Response

from gonogo.local.providers import wire
from gonogo.local.providers.faults import Fault, always, table
from gonogo.local.providers.routing import Routes
from gonogo.local.providers.standin import Action
from gonogo.local.providers.wire import Came
from gonogo.local.providers.xai import answering, asking, drift, failures, saying
from gonogo.local.providers.xai.asking import MODELS
from gonogo.local.providers.xai.failures import Failed
from gonogo.local.providers.xai.managing import MANAGEMENT, TEAM, Management, id_of
from gonogo.local.providers.xai.saying import Said

_BASE = "/v1"
_KEY = "xai-"
_STATES = ("ok", "revoked", "blocked", "disabled", "no-acl")
_CREATED = 1_767_225_600

Endpoint = Callable[[Came, Mapping[str, str]], Any]


def _nested(settings: Mapping[str, Any]) -> Response:
    error = {"message": "Something is wrong.", "type": "invalid_request_error", "param": None, "code": None}
    return wire.answer({"error": error}, int(settings.get("status", 400)))


def _plain(settings: Mapping[str, Any]) -> Response:
    return PlainTextResponse(str(settings.get("text", "Not Found")), int(settings.get("status", 404)))


def _failing(make: Callable[[Mapping[str, Any]], Failed]) -> Callable[[Mapping[str, Any]], Response]:
    return lambda settings: make(settings).answer()


_STATUS = {"status": "another status"}
_ROWS: tuple[tuple[str, str, Callable[[Mapping[str, Any]], Response], Mapping[str, str]], ...] = (
    (
        "rate-limit",
        "answers 429: too many requests",
        _failing(lambda given: failures.rate_limited(str(given.get("retry_after", "")))),
        {"retry_after": "the Retry-After header; none by default"},
    ),
    ("quota", "answers 429: no credits left", _failing(lambda _: failures.out_of_credits()), {}),
    ("server-error", "answers 500", _failing(lambda given: failures.broken(int(given.get("status", 500)))), _STATUS),
    ("invalid-key", "answers 400: the key is wrong", _failing(lambda _: failures.wrong_key("xai-standin")), {}),
    ("no-credentials", "answers 401", _failing(lambda _: failures.no_credentials()), {}),
    ("forbidden", "answers 403", _failing(lambda _: failures.denied()), {}),
    ("unknown-model", "answers 404", _failing(lambda _: failures.not_found("The model grok-none")), {}),
    (
        "invalid-request",
        "answers 400: something in the request",
        _failing(lambda _: failures.invalid("Invalid request content")),
        {},
    ),
    ("nested-error", "answers 400 in another vendor's form", _nested, _STATUS),
    ("plain-text", "answers 404 with a text", _plain, {**_STATUS, "text": "the text (Not Found)"}),
)
FAULTS = table(
    *(Fault(name=name, summary=summary, behave=always(make), settings=given) for name, summary, make, given in _ROWS),
    *drift.FAULTS,
)


class Xai:
    """XAI. Every key that begins with `xai-` is somebody's."""

    name = "xai"
    faults: Mapping[str, Fault] = FAULTS

    def __init__(self) -> None:
        """Start with nothing stored."""
        self._routes = Routes[Endpoint](
            {
                "POST /responses": self._infer,
                "POST /chat/completions": self._infer,
                "GET /responses/{id}": self._stored_one,
                "DELETE /responses/{id}": self._remove,
                "GET /api-key": self._api_key,
                "GET /me": self._me,
                "GET /models": self._models,
                "GET /language-models": self._models,
                "GET /models/{id}": self._model,
            }
        )
        self.reset()

    def reset(self) -> None:
        """Forget every stored response and every key's state."""
        self._stored: dict[str, Any] = {}
        self._keys: dict[str, str] = {}
        self._management = Management(self._keys)
        self._operations: dict[str, int] = {}

    async def answer(self, came: Came) -> Response:
        """Answer a request."""
        try:
            return self._answer(came)
        except Failed as failed:
            return failed.answer()

    def state(self) -> Any:  # JSON
        """Return what it was asked, and what it keeps."""
        return {"operations": dict(self._operations), "stored": len(self._stored)}

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return what a test may arrange."""
        return {("POST", "keys"): self._set_key}

    def _answer(self, came: Came) -> Response:
        if came.path.startswith(MANAGEMENT):
            return self._management.answer(came)
        found = self._routes.find(came.method, came.path.removeprefix(_BASE))
        if not came.path.startswith(_BASE + "/") or (found is None and not self._known(came)):
            return PlainTextResponse("Not Found", 404)
        if found is None:
            return PlainTextResponse("Method Not Allowed", 405)
        self._admit(came)
        if came.method == "POST" and "json" not in came.headers.get("content-type", ""):
            return PlainTextResponse("Expected request with `Content-Type: application/json`", 415)
        return wire.answer(found.handler(came, found.named))

    def _known(self, came: Came) -> bool:
        return self._routes.knows(came.path.removeprefix(_BASE))

    def _admit(self, came: Came) -> None:
        """Let a key in that may ask for this."""
        key = came.bearer
        state = self._keys.get(key, "ok")
        if not key:
            raise failures.no_credentials()
        if not key.startswith(_KEY) or state == "revoked":
            raise failures.wrong_key(key)
        if state != "ok" and not came.path.endswith(("/api-key", "/me")):
            raise failures.denied()

    def _infer(self, came: Came, _: Mapping[str, str]) -> Any:  # JSON
        asked = asking.read(came)
        said = saying.within_budget(Said(text=answering.answer(asked)), asked.budget)
        self._operations[asked.name] = self._operations.get(asked.name, 0) + 1
        made = saying.wrapped(asked, said)
        if asked.store:
            self._stored[made["id"]] = made
        return made

    def _stored_one(self, _: Came, named: Mapping[str, str]) -> Any:  # JSON
        if named["id"] not in self._stored:
            raise failures.not_found(f"The response {named['id']}")
        return self._stored[named["id"]]

    def _remove(self, came: Came, named: Mapping[str, str]) -> Any:  # JSON
        self._stored_one(came, named)
        del self._stored[named["id"]]
        return {"id": named["id"], "object": "response", "deleted": True}

    def _api_key(self, came: Came, _: Mapping[str, str]) -> Any:  # JSON
        key = came.bearer
        state = self._keys.get(key, "ok")
        self._management.note(key)
        known = self._management.acls(key)
        usual = ["api-key:model:*", "api-key:endpoint:*"] if known is None else known
        made = datetime.fromtimestamp(_CREATED, UTC).isoformat()
        return {
            "redacted_api_key": f"xai-...{key[-4:]}",
            "api_key_id": id_of(key),
            "user_id": "user-standin",
            "team_id": TEAM,
            "name": "stand-in",
            "create_time": made,
            "modify_time": made,
            "modified_by": "user-standin",
            "acls": [] if state == "no-acl" else usual,
            "team_blocked": False,
            "api_key_blocked": state == "blocked",
            "api_key_disabled": state == "disabled",
        }

    def _me(self, came: Came, named: Mapping[str, str]) -> Any:  # JSON
        who = {"user_id": "user-standin", "team_id": "team-standin", "zdr_status": "disabled", "team_blocked": False}
        return {**who, "api_key": self._api_key(came, named)}

    def _models(self, _: Came, __: Mapping[str, str]) -> Any:  # JSON
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    def _model(self, _: Came, named: Mapping[str, str]) -> Any:  # JSON
        if named["id"] not in MODELS:
            raise failures.not_found(f"The model {named['id']}")
        return _model(named["id"])

    def _set_key(self, given: Mapping[str, Any]) -> Any:  # JSON
        """Make a `key` revoked, blocked, disabled, no-acl, or ok again."""
        if given["state"] not in _STATES:
            raise ValueError(f"no such state; there are: {', '.join(_STATES)}")
        self._keys[str(given["key"])] = str(given["state"])
        return {}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "xai"}
