"""xAI's management API: a team's keys, made, listed and deleted by whoever holds a management key."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import PlainTextResponse, Response

from gonogo.local.providers import wire
from gonogo.local.providers.routing import Routes
from gonogo.local.providers.wire import Came
from gonogo.local.providers.xai import failures

MANAGEMENT = "/auth/"
TEAM = "team-standin"
_KEY, _MANAGEMENT_KEY = "xai-", "xai-mgmt-"
# What a key is called that was only seen in use.
_SEEN = "stand-in"
# So often a new key's propagation is asked for until it is known everywhere.
_LOOKS = 2


def id_of(key: str) -> str:
    """Return a key's id."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


class Management:
    """The keys of a team; `states` says of each whether it is taken."""

    def __init__(self, states: dict[str, str]) -> None:
        """Take the states that the API itself goes by."""
        self._states = states
        self._made: dict[str, dict[str, Any]] = {}
        self._looks: dict[str, int] = {}
        self._routes = Routes[Any](
            {
                "POST /teams/{team}/api-keys": self._make,
                "GET /teams/{team}/api-keys": self._list,
                "GET /api-keys/{id}/propagation": self._propagation,
                "DELETE /api-keys/{id}": self._delete,
            }
        )

    def answer(self, came: Came) -> Response:
        """Answer a request."""
        if not came.bearer.startswith(_MANAGEMENT_KEY):
            raise failures.no_credentials()
        found = self._routes.find(came.method, came.path.removeprefix(MANAGEMENT))
        if found is None:
            return PlainTextResponse("Not Found", 404)
        return wire.answer(found.handler(came, found.named))

    def note(self, key: str) -> None:
        """Let a key be one of the team's, as it was seen in use."""
        self._made.setdefault(id_of(key), {"key": key, "name": _SEEN, "acls": []})

    def acls(self, key: str) -> list[str] | None:
        """Return what a key that was made here may do; None for any other."""
        made = self._made.get(id_of(key))
        return list(made["acls"]) if made and made["name"] != _SEEN else None

    def _make(self, came: Came, _: Mapping[str, str]) -> Any:  # JSON
        key = f"{_KEY}{secrets.token_urlsafe(48)}"
        acls = [str(each) for each in came.fields.get("acls", ())]
        self._made[id_of(key)] = {"key": key, "name": str(came.fields["name"]), "acls": acls}
        if not acls:
            self._states[key] = "no-acl"
        return {"apiKey": key, "apiKeyId": id_of(key)}

    def _list(self, _: Came, __: Mapping[str, str]) -> Any:  # JSON
        rows = [{"apiKeyId": key_id, "name": made["name"]} for key_id, made in self._made.items()]
        return {"apiKeys": rows, "nextPageToken": ""}

    def _propagation(self, _: Came, named: Mapping[str, str]) -> Any:  # JSON
        self._looks[named["id"]] = self._looks.get(named["id"], 0) + 1
        is_old = self._made.get(named["id"], {}).get("name") == _SEEN
        is_known = is_old or self._looks[named["id"]] >= _LOOKS
        return {"icPropagation": {"us-east-1": True, "eu-west-1": is_known}}

    def _delete(self, _: Came, named: Mapping[str, str]) -> Any:  # JSON
        made = self._made.pop(named["id"], None)
        if made is None:
            raise failures.not_found("The API key")
        self._states[made["key"]] = "revoked"
        return {}
