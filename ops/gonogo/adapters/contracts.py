"""The project's own command that writes its public contracts."""

from collections.abc import Sequence
from pathlib import Path

from gonogo.adapters import processes
from gonogo.errors import ConfigurationError, NoGoError
from gonogo.model import Checkout


def write(command: Sequence[str], checkout: Checkout, *, root: Path, check: bool) -> str:
    """Let the project write its contracts into its tree, and return the command's last words.

    Args:
        command: from gonogo.toml; `{python}` stands for the checkout's interpreter.
        checkout: has the locked environment of the tree.
        root: the tree.
        check: write nothing; only say whether they are as they should be.

    Raises:
        ConfigurationError: the project has no such command.
        NoGoError: it says no; its reasons are with it.
        RefusedError: it cannot be run.
    """
    if not command:
        hint = "set [commands] contracts in gonogo.toml"
        raise ConfigurationError("no-contracts", "this project does not say how its contracts are written", hint=hint)
    words = [str(checkout.python) if word == "{python}" else word for word in command]
    done = processes.run([*words, *(["--check"] if check else [])], cwd=root)
    if done.code != 0:
        reasons = "; ".join(line.strip() for line in done.stderr.splitlines() if line.strip())
        message = "the contracts are not as they should be, and nothing was written"
        raise NoGoError("contracts-refused", message, where=reasons, why="a reader would break, or reads old words")
    return done.last_words
