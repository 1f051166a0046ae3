"""The service's login at Redis: a user of its own, whose passwords overlap. The toolkit is another user."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import redis

from gonogo.adapters.issuing import Quiet
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Pair, Secret

_TIMEOUT_S = 5
# What Redis says to who takes a password away that is not there.
_GONE = "does not exist"
_RUNBOOK = "ops/SECRETS_ROTATION_RUNBOOK.md says how a user is made, once"


class RedisLogin(Quiet):
    """The user of one environment."""

    def __init__(self, admin: Secret) -> None:
        """Take the URL of a user that may change users; nothing is contacted yet."""
        self._admin = admin

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why the user cannot be given another password."""
        user = _user(old)
        if user in {"", "default"}:
            return (f"the service logs in as Redis' default user, whose second password no restart keeps; {_RUNBOOK}",)
        if user == _user(self._admin):
            return (f"the toolkit logs in as {user} too: give it a user of its own; {_RUNBOOK}",)
        with self._connected() as client:
            return tuple(self._wrong(client, user))

    def draft(self, old: Secret) -> Secret:
        """Return the same login with a new password."""
        return Secret(old.name, _as(old.reveal(), _user(old), secrets.token_urlsafe(32)))

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Give the user a second password."""
        del tag
        self._set(_user(pair.coming), f">{_password(pair.coming)}")
        return pair.coming

    def accepts(self, value: Secret) -> bool:
        """Return whether a login is let in now.

        Raises:
            UnreachableError: the server does not answer.
        """
        url = _as(self._admin.reveal(), _user(value), _password(value))
        try:
            with redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S) as client:
                client.ping()
        except redis.AuthenticationError:
            return False
        except redis.exceptions.NoPermissionError:
            return True  # it is in, and may not ping
        except redis.RedisError as error:
            raise _unreachable(error) from None
        return True

    def retire(self, pair: Pair) -> None:
        """Take the old password away, and end the sessions from before there was a new one."""
        with self._connected() as client:
            since_s = time.time() - pair.made_at.timestamp()
            for each in client.client_list():
                if each.get("user") == _user(pair.old) and int(each["age"]) > since_s:
                    with suppress(redis.ResponseError):  # it has gone meanwhile
                        client.client_kill_filter(_id=each["id"])
        self._set(_user(pair.old), f"<{_password(pair.old)}")

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Take the new password away."""
        del tag
        if pair.new is not None:
            self._set(_user(pair.new), f"<{_password(pair.new)}")

    def _set(self, user: str, rule: str) -> None:
        """Change a user, and keep that over a restart where the server keeps users.

        Raises:
            RefusedError: the server says no.
        """
        with self._connected() as client:
            try:
                _said(client, "ACL", "SETUSER", user, rule)
            except redis.ResponseError as error:
                is_gone = rule.startswith("<") and _GONE in str(error)
                if not is_gone:  # what an earlier try took away may still have to be saved
                    raise RefusedError("acl-refused", f"the user {user} cannot be changed: {_shown(error)}") from None
            self._save(client)

    @staticmethod
    def _save(client: "redis.Redis") -> None:
        """Write the users into the server's file.

        Raises:
            RefusedError: it keeps them nowhere.
        """
        try:
            _said(client, "ACL", "SAVE")
        except redis.ResponseError as error:
            hint = f"set aclfile in its configuration; {_RUNBOOK}"
            raise RefusedError("acl-not-kept", f"Redis does not keep its users: {_shown(error)}", hint=hint) from None

    @staticmethod
    def _wrong(client: "redis.Redis", user: str) -> Iterator[str]:
        """Yield what is wrong with a user."""
        try:
            if _said(client, "ACL", "GETUSER", user) is None:
                yield f"Redis has no user {user}; {_RUNBOOK}"
            if not dict(client.config_get("aclfile")).get("aclfile"):
                yield f"Redis would forget a new password at its next start: it has no aclfile; {_RUNBOOK}"
        except redis.exceptions.NoPermissionError:
            yield f"the toolkit's own user may not look at users and settings (+acl, +config|get); {_RUNBOOK}"

    @contextmanager
    def _connected(self) -> Iterator["redis.Redis"]:
        """Yield a client as the toolkit's own user."""
        try:
            with redis.Redis.from_url(self._admin.reveal(), socket_timeout=_TIMEOUT_S, decode_responses=True) as client:
                yield client
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise _unreachable(error) from None


def _said(client: "redis.Redis", *words: str) -> Any:  # as the server answers
    """Return what the server answers to a command."""
    return client.execute_command(*words)  # type: ignore[no-untyped-call]


def _user(url: Secret) -> str:
    """Return who a URL logs in as."""
    return unquote(urlsplit(url.reveal()).username or "")


def _password(url: Secret) -> str:
    """Return a URL's password."""
    return unquote(urlsplit(url.reveal()).password or "")


def _as(url: str, user: str, password: str) -> str:
    """Return a URL with somebody else's login."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}").geturl()


def _shown(error: Exception) -> str:
    """Return what the server said, which may repeat a rule and so a password: its first word alone."""
    return str(error).split(maxsplit=1)[0] if str(error) else type(error).__name__


def _unreachable(error: Exception) -> UnreachableError:
    """Return that the server does not answer."""
    return UnreachableError("redis-unreachable", f"Redis does not let the toolkit in: {type(error).__name__}")
