"""xAI's keys, which its management API makes and deletes; and Todoist's token, which only a person makes."""

from collections.abc import Mapping
from typing import Any

from gonogo.adapters.http import Answer, Http, understanding
from gonogo.adapters.issuing import Quiet
from gonogo.errors import NeedsPersonError, RefusedError, UnreachableError
from gonogo.model import Pair, Secret

_OK, _GONE = 200, {400, 401, 403}
_GOOD = 2
_PAGE = 100


class XaiKey(Quiet):
    """A key of one team.

    A second key is made and the first one deleted, rather than the one turned over: a key that was made and not kept,
    as by a process that was killed then, is found again by its name; and the old one ends when the new one is proven.
    """

    def __init__(self, *, url: str, management_url: str, management_key: Secret, timeout_s: float) -> None:
        """Take where keys are used and where they are made; nothing is contacted yet."""
        self._url, self._timeout_s = url, timeout_s
        self._managing = Http(management_url, token=management_key.reveal(), timeout_s=timeout_s)
        self._is_managed = bool(management_key.reveal())

    def makes(self) -> bool:
        """Return whether there is a management key."""
        return self._is_managed

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why the key in use cannot be replaced."""
        seen = self._about(old)
        if seen is None:
            return ("the key in use is refused",)
        return () if seen.get("acls") else ("the key in use has no permissions, so the new one would have none",)

    def draft(self, old: Secret) -> Secret | None:
        """Return None: xAI makes it."""
        del old
        return None

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Make a key with the permissions of the one in use; what an earlier try made and nobody kept is deleted."""
        if pair.new is not None and self.accepts(pair.new):
            return pair.new
        seen = self._about(pair.old)
        if seen is None:
            raise RefusedError("xai-key-refused", "the key in use is refused: its permissions cannot be copied")
        team = str(seen["team_id"])
        self._delete_named(team, tag)
        made = self._called("POST", f"/auth/teams/{team}/api-keys", {"name": tag, "acls": list(seen["acls"])})
        with understanding("xAI's", where=self._managing.base_url):
            return Secret(pair.old.name, str(made["apiKey"]))

    def accepts(self, value: Secret) -> bool:
        """Return whether a key is taken, and may be used, everywhere that says so.

        Raises:
            UnreachableError: xAI does not answer.
        """
        seen = self._about(value)
        if seen is None:
            return False
        is_barred = any(seen.get(name) for name in ("team_blocked", "api_key_blocked", "api_key_disabled"))
        return not is_barred and bool(seen.get("acls")) and self._is_propagated(seen)

    def retire(self, pair: Pair) -> None:
        """Delete the old key; one that is refused already is gone."""
        self._delete(pair.old)

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Delete the new key, also where nobody kept it."""
        seen = self._about(pair.old)
        if seen is not None:
            self._delete_named(str(seen["team_id"]), tag)
        elif pair.new is not None:
            self._delete(pair.new)

    def _about(self, key: Secret) -> Mapping[str, Any] | None:
        """Return what xAI says of a key; None when it is refused."""
        answer = Http(self._url, token=key.reveal(), timeout_s=self._timeout_s).request("GET", "/api-key")
        if answer.status == _OK and isinstance(answer.body, Mapping):
            return answer.body
        _demand_refusal(answer, "xAI")
        return None

    def _is_propagated(self, seen: Mapping[str, Any]) -> bool:
        """Return whether a key is known everywhere; where nobody may ask, the probe alone counts."""
        if not self._is_managed:
            return True
        path = f"/auth/api-keys/{seen['api_key_id']}/propagation"
        answer = self._managing.request("GET", path)
        clusters = answer.body.get("icPropagation") if isinstance(answer.body, Mapping) else None
        return answer.status != _OK or not isinstance(clusters, Mapping) or all(clusters.values())

    def _delete(self, key: Secret) -> None:
        """Delete a key that is there."""
        seen = self._about(key)
        if seen is not None:
            self._called("DELETE", f"/auth/api-keys/{seen['api_key_id']}")

    def _delete_named(self, team: str, name: str) -> None:
        """Delete every key of a name."""
        token = ""
        while True:
            found = self._called("GET", f"/auth/teams/{team}/api-keys?pageSize={_PAGE}&paginationToken={token}")
            for each in found.get("apiKeys") or ():
                if each.get("name") == name:
                    self._called("DELETE", f"/auth/api-keys/{each['apiKeyId']}")
            token = str(found.get("nextPageToken") or "")
            if not token:
                return

    def _called(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        """Return what the management API answers.

        Raises:
            RefusedError: it said no.
        """
        answer = self._managing.request(method, path, body=body)
        if answer.status // 100 != _GOOD:
            message = f"xAI's management API refused {method} {path.partition('?')[0]}: HTTP {answer.status}"
            hint = "check XAI_MANAGEMENT_KEY; or: invoke secrets.rotate xai-key --by-hand"
            raise RefusedError("xai-management-refused", message, where=self._managing.base_url, hint=hint)
        return answer.body if isinstance(answer.body, Mapping) else {}


class TodoistToken(Quiet):
    """The token of one account."""

    def __init__(self, *, url: str, timeout_s: float) -> None:
        """Take where Todoist is; nothing is contacted yet."""
        self._url, self._timeout_s = url, timeout_s

    def makes(self) -> bool:
        """Return that a person makes it."""
        return False

    def draft(self, old: Secret) -> Secret | None:
        """Return None: only a person makes one."""
        del old
        return None

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Return the new one, which is taken since it was made."""
        del tag
        return pair.coming

    def accepts(self, value: Secret) -> bool:
        """Return whether a token is taken.

        Raises:
            UnreachableError: Todoist does not answer.
        """
        answer = Http(self._url, token=value.reveal(), timeout_s=self._timeout_s).request("GET", "/user")
        if answer.status == _OK:
            return True
        _demand_refusal(answer, "Todoist")
        return False

    def retire(self, pair: Pair) -> None:
        """Do nothing: it ended when the new one was made."""

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Refuse: the old one has ended.

        Raises:
            NeedsPersonError: always.
        """
        del pair, tag
        raise NeedsPersonError("no-way-back", "Todoist ended the old token when the new one was made")


def _demand_refusal(answer: Answer, who: str) -> None:
    """Make sure that an answer refuses a credential, and is no trouble of another kind.

    Raises:
        UnreachableError: it is another one.
    """
    if answer.status not in _GONE:
        raise UnreachableError("provider-unready", f"{who} answers HTTP {answer.status}")
