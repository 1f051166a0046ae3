"""Who makes each secret and who takes or refuses it, by the secret's name; contacted when they are asked."""

from collections.abc import Callable, Mapping
from typing import Protocol

from gonogo.model import Pair, Secret


class Issuer(Protocol):
    """Who makes one secret: the verbs of `protocols.Issuers`, without its name."""

    def makes(self) -> bool:
        """Return whether a new value is made without a person."""

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why the secret cannot be rotated as it is now."""

    def draft(self, old: Secret) -> Secret | None:
        """Return a new value; None where only its issuer makes one."""

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Let the new value be taken, and return it."""

    def accepts(self, value: Secret) -> bool:
        """Return whether a value is taken now."""

    def hand_over(self, pair: Pair) -> None:
        """Have who shows it to us show the new one."""

    def hand_back(self, pair: Pair) -> None:
        """Have them show the old one again."""

    def users(self, value: Secret) -> int:
        """Return how many sessions a value has opened."""

    def retire(self, pair: Pair) -> None:
        """Let the old value be taken no more."""

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Let the new value be taken no more."""


class Quiet:
    """What an issuer does not do: nobody shows its secret to us, and nobody can tell its sessions."""

    def makes(self) -> bool:
        """Return that it makes new values by itself."""
        return True

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return none."""
        del old
        return ()

    def hand_over(self, pair: Pair) -> None:
        """Do nothing."""

    def hand_back(self, pair: Pair) -> None:
        """Do nothing."""

    def users(self, value: Secret) -> int:
        """Return zero."""
        del value
        return 0


class NamedIssuers:
    """Every issuer of an environment."""

    def __init__(self, makers: Mapping[str, Callable[[], Issuer]]) -> None:
        """Take who makes each one."""
        self._makers = makers
        self._made: dict[str, Issuer] = {}

    def makes(self, name: str) -> bool:
        """Return whether a new value is made without a person."""
        return self._of(name).makes()

    def problems(self, name: str, old: Secret) -> tuple[str, ...]:
        """Return why a secret cannot be rotated as it is now."""
        return self._of(name).problems(old)

    def draft(self, name: str, old: Secret) -> Secret | None:
        """Return a new value; None where only its issuer makes one."""
        return self._of(name).draft(old)

    def admit(self, name: str, pair: Pair, tag: str) -> Secret:
        """Let the new value be taken, and return it."""
        return self._of(name).admit(pair, tag)

    def accepts(self, name: str, value: Secret) -> bool:
        """Return whether a value is taken now."""
        return self._of(name).accepts(value)

    def hand_over(self, name: str, pair: Pair) -> None:
        """Have who shows a secret to us show the new one."""
        self._of(name).hand_over(pair)

    def hand_back(self, name: str, pair: Pair) -> None:
        """Have them show the old one again."""
        self._of(name).hand_back(pair)

    def users(self, name: str, value: Secret) -> int:
        """Return how many sessions a value has opened."""
        return self._of(name).users(value)

    def retire(self, name: str, pair: Pair) -> None:
        """Let the old value be taken no more."""
        self._of(name).retire(pair)

    def withdraw(self, name: str, pair: Pair, tag: str) -> None:
        """Let the new value be taken no more."""
        self._of(name).withdraw(pair, tag)

    def _of(self, name: str) -> Issuer:
        """Return who makes a secret."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]
