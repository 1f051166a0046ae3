"""Builds of the stand-in: a commit's checkout instead of an image."""

import asyncio
import subprocess

from gonogo.adapters.checkouts import Checkouts
from gonogo.errors import GonogoError
from gonogo.local.coolify.ports import BuildError
from gonogo.model import Checkout


class CheckoutBuilder:
    """Builds from git repositories on this machine."""

    def __init__(self, checkouts: Checkouts) -> None:
        """Take where checkouts are made."""
        self._checkouts = checkouts

    async def resolve(self, repository: str, ref: str) -> str:
        """Return the 40 hex digits of a ref of a local repository."""
        return await asyncio.to_thread(_resolve, repository, ref)

    async def build(self, commit: str) -> Checkout:
        """Return the commit's checkout with its environment."""
        try:
            return await asyncio.to_thread(self._checkouts.provide, commit)
        except GonogoError as error:
            raise BuildError(error.message) from error


def _resolve(repository: str, ref: str) -> str:
    command = ("git", "-C", repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"fatal: couldn't find remote ref {ref}"
        raise BuildError(message)
    return done.stdout.strip()
