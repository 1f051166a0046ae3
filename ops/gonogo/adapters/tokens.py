"""The service's API tokens, through the command that the project names; it runs from a checkout, on the database."""

import json
from datetime import UTC, datetime
from typing import Any

from gonogo.adapters import processes
from gonogo.errors import RefusedError, UnreachableError, UsageError
from gonogo.model import Checkout, Secret, TokenLine

_USAGE = 2
_NOTHING = 3
_UNREACHABLE = 7


class CommandTokens:
    """Tokens of one environment."""

    def __init__(self, command: tuple[str, ...], *, checkout: Checkout, database_url: Secret) -> None:
        """Prepare; nothing is run yet."""
        self._command = tuple(word.format(python=checkout.python) for word in command)
        self._checkout = checkout
        self._url = database_url

    def issue(self, user: str, name: str, *, days: int, scopes: str) -> Secret:
        """Return a new token, which is kept nowhere.

        Raises:
            UsageError: the command does not take these values.
            UnreachableError: the database does not answer.
        """
        words = ("issue-token", "--user", user, "--name", name, "--days", str(days))
        said = self._run((*words, "--scopes", scopes) if scopes else words)
        return Secret("token", said.strip())

    def lines(self, user: str) -> tuple[TokenLine, ...]:
        """Return one person's tokens, or everybody's, newest first.

        Raises:
            UnreachableError: the database does not answer.
        """
        said = self._run(("list-tokens", "--user", user) if user else ("list-tokens",))
        return tuple(_line(json.loads(each)) for each in said.splitlines())

    def revoke(self, user: str, name: str) -> int:
        """Revoke a person's tokens of one name, and return how many were valid until now.

        Raises:
            UnreachableError: the database does not answer.
        """
        said = self._run(("revoke-token", "--user", user, "--name", name), none=_NOTHING)
        return int(said.split()[0])

    def _run(self, words: tuple[str, ...], *, none: int = 0) -> str:
        """Run the command and return what it printed; `none` is one more status that is well."""
        environ = {"DATABASE_URL": self._url.reveal()}
        done = processes.run((*self._command, *words), cwd=self._checkout.path, env=environ, timeout_s=60.0)
        if done.code in {0, none}:
            return done.stdout
        if done.code == _USAGE:
            raise UsageError("tokens-refused", f"the service's token command refused: {done.last_words}")
        if done.code == _UNREACHABLE:
            raise UnreachableError("database-unreachable", f"nothing was changed: {done.last_words}")
        raise RefusedError("tokens-failed", f"the service's token command failed: {done.last_words}")


def _line(said: dict[str, Any]) -> TokenLine:
    """Return a token as the command described it."""
    expires = datetime.fromisoformat(said["expires_at"])
    is_over = expires <= datetime.now(UTC)
    return TokenLine(
        user=said["email"],
        name=said["name"],
        prefix=said["prefix"] or "",
        scopes=tuple(said["scopes"]),
        state="revoked" if said["revoked_at"] else "expired" if is_over else "valid",
        expires=f"{expires:%F %R}",
        used=(said["last_used_at"] or "")[:16],
    )
