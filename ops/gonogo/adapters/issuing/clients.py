"""API tokens, which the service's own command makes and ends; and the webhook secret, which the service takes."""

import secrets
from dataclasses import replace

from gonogo import telegram
from gonogo.adapters.http import Http
from gonogo.adapters.issuing import Quiet
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Pair, Secret, TokenLine
from gonogo.protocols import Tokens

_UNAUTHORIZED, _FORBIDDEN, _OK = 401, 403, 200
_DAYS = 90


class ApiTokens(Quiet):
    """The token of the toolkit and its operators; the service keeps no more than its hash."""

    def __init__(self, tokens: Tokens, *, url: str, path: str, timeout_s: float) -> None:
        """Take where tokens are made, and what is asked with one; nothing is contacted yet."""
        self._tokens = tokens
        self._url, self._path, self._timeout_s = url, path, timeout_s

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why the token in use cannot be told from others."""
        found = self._lines(old)
        if len(found) != 1:
            return (f"{len(found)} valid tokens begin as {old.name} does: which one it is cannot be told",)
        same = [each for each in self._valid() if (each.user, each.name) == (found[0].user, found[0].name)]
        if len(same) > 1:
            return (f"{len(same)} valid tokens of {found[0].user} are called {found[0].name!r}: all would be revoked",)
        return ()

    def draft(self, old: Secret) -> Secret | None:
        """Return None: the service makes it."""
        del old
        return None

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Have the service make one for the same person; what an earlier try made and nobody kept is revoked."""
        old = self._one(pair.old)
        if any(each.name == tag and each.state == "valid" for each in self._tokens.lines(old.user)):
            if pair.new is not None and self.accepts(pair.new):
                return pair.new
            self._tokens.revoke(old.user, tag)
        made = self._tokens.issue(old.user, tag, days=_DAYS, scopes=",".join(old.scopes))
        return Secret(pair.old.name, made.reveal())

    def accepts(self, value: Secret) -> bool:
        """Return whether the service lets a token in.

        Raises:
            UnreachableError: it does not answer, or not to this.
        """
        http = Http(self._url, token=value.reveal(), timeout_s=self._timeout_s)
        status = http.request("GET", self._path).status
        if status in {_OK, _FORBIDDEN, _UNAUTHORIZED}:
            return status != _UNAUTHORIZED
        raise UnreachableError("service-unready", f"the service answers HTTP {status} on {self._path}")

    def retire(self, pair: Pair) -> None:
        """Revoke the old one."""
        for each in self._lines(pair.old):
            self._tokens.revoke(each.user, each.name)

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Revoke the new one, also where nobody kept it."""
        self._tokens.revoke(self._one(pair.old).user, tag)

    def _valid(self) -> tuple[TokenLine, ...]:
        """Return every token that is valid."""
        return tuple(each for each in self._tokens.lines("") if each.state == "valid")

    def _lines(self, value: Secret) -> tuple[TokenLine, ...]:
        """Return the valid tokens that begin as a value does."""
        return tuple(each for each in self._valid() if each.prefix and value.reveal().startswith(each.prefix))

    def _one(self, value: Secret) -> TokenLine:
        """Return a token's line.

        Raises:
            RefusedError: it is not there.
        """
        found = self._lines(value)
        if len(found) == 1:
            return found[0]
        message = f"the service knows {len(found)} valid tokens that begin as {value.name} does"
        raise RefusedError("token-unknown", message)


class WebhookSecret(Quiet):
    """What Telegram shows with each delivery; the service takes each of a list."""

    def __init__(self, line: telegram.Line) -> None:
        """Take what stands between Telegram and the service; nothing is contacted yet."""
        self._line = line

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why Telegram would not be told."""
        del old
        return tuple(f"{each.part}: {each.says}" for each in telegram.after(self._line) if not each.is_well)

    def draft(self, old: Secret) -> Secret:
        """Return a new one."""
        return Secret(old.name, secrets.token_hex(32))

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Do nothing: the service takes it once it is told."""
        del tag
        return pair.coming

    def accepts(self, value: Secret) -> bool:
        """Return whether a delivery with a secret is taken, of several with the first.

        Raises:
            UnreachableError: the service does not answer, or not to this.
        """
        status = self._line.door.deliver(value.reveal().partition(",")[0].strip())
        if status in {_OK, _UNAUTHORIZED}:
            return status == _OK
        raise UnreachableError("webhook-unready", f"the service's webhook answers HTTP {status}")

    def hand_over(self, pair: Pair) -> None:
        """Have Telegram show the new one, with every field of the webhook."""
        self._put(pair.coming)

    def hand_back(self, pair: Pair) -> None:
        """Have Telegram show the old one."""
        self._put(pair.old)

    def retire(self, pair: Pair) -> None:
        """Do nothing: the service takes it until it is told the new one alone."""

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Do nothing: the service has been told the old one alone."""

    def _put(self, value: Secret) -> None:
        """Set the webhook, and see that what waited is delivered.

        Raises:
            RefusedError: Telegram does not deliver.
        """
        shown = value.reveal().partition(",")[0].strip()
        line = replace(self._line, wish=replace(self._line.wish, secret=shown), accepted=(shown,))
        wrong = [f"{each.part}: {each.says}" for each in telegram.put(line) if not each.is_well]
        if wrong:
            raise RefusedError("webhook-not-well", f"Telegram's webhook is not well: {'; '.join(wrong)}")
