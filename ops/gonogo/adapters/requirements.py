"""What a release says of its own settings, by the project's command, run in the release's own checkout."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from gonogo.adapters import processes
from gonogo.errors import RefusedError
from gonogo.model import Checkout, Declared, Needs

_PATIENCE_S = 60.0


class CommandRequirements:
    """A release's settings, as its own code knows them."""

    def __init__(self, command: Sequence[str]) -> None:
        """Prepare; nothing is run yet."""
        self._command = tuple(command)

    def of(self, checkout: Checkout) -> Declared | None:
        """Return which variables a checkout's services need; None when the project names no command that tells.

        A command that fails, or says something else, is a release that cannot say: an older one may not know it.
        """
        if not self._command:
            return None
        words = tuple(word.format(python=checkout.python) for word in self._command)
        try:
            done = processes.run(words, cwd=checkout.path, timeout_s=_PATIENCE_S)
        except RefusedError as error:
            return Declared(problem=error.message)
        if done.code != 0:
            return Declared(problem=f"{' '.join(self._command)} ended with {done.code}: {done.last_words}")
        try:
            said = json.loads(done.stdout)
            services = {str(name): _needs(each) for name, each in said.items()}
            return Declared(services=services, examples=_examples(checkout.path))
        except (ValueError, TypeError, KeyError, AttributeError):
            return Declared(problem=f"{' '.join(self._command)} does not print JSON as docs/checks.md shows it")


def _needs(said: Mapping[str, Any]) -> Needs:
    """Return what one service needs.

    Raises:
        TypeError: it is said in another form.
    """
    together = {str(name): _names(beside) for name, beside in said.get("together", {}).items()}
    secrets = _names(said["secrets"]) if "secrets" in said else None
    return Needs(required=_names(said["required"]), together=together, secrets=secrets)


def _examples(folder: Path) -> frozenset[str]:
    """Return the values that a checkout's example shows; none where it has no example."""
    path = folder / ".env.example"
    return frozenset(filter(None, dotenv_values(path, interpolate=False).values())) if path.is_file() else frozenset()


def _names(said: object) -> tuple[str, ...]:
    """Return a list of names.

    Raises:
        TypeError: it is something else; a text would be read as its letters.
    """
    if isinstance(said, list) and all(isinstance(each, str) for each in said):
        return tuple(said)
    raise TypeError
