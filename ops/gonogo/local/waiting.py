"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

from gonogo.local.errors import StackError

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str, *, seconds: float, pause: float = 0.03) -> Found:
    """Return the first truthy answer of `look`.

    Args:
        look: asked again and again; a falsy answer means not yet.
        what: what is waited for, for the message.
        seconds: the deadline.
        pause: seconds between two looks.

    Raises:
        StackError: the deadline passed.
    """
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() >= deadline:
            raise StackError(
                "stack-wait-timeout", f"{what}: not so after {seconds:g} seconds", hint="invoke stack.logs"
            )
        time.sleep(pause)
