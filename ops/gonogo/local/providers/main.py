"""The providers' stand-ins as a process of their own: `python -m gonogo.local.providers.main xai=5 todoist=6`.

Each word is a provider and the descriptor of a socket that is bound already; whoever has started us holds the sockets.
"""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

from gonogo.local.providers.hosting import Hosted

_WATCH_S = 1.0


def main() -> int:
    """Serve until asked to end, or until whoever started us is gone."""
    named = (word.partition("=") for word in sys.argv[1:])
    asyncio.run(_run({name: socket.socket(fileno=int(number)) for name, _, number in named}))
    return 0


async def _run(listeners: dict[str, socket.socket]) -> None:
    asked, starter = asyncio.Event(), os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    hosted = [Hosted(name, listener) for name, listener in listeners.items()]
    await asyncio.gather(*(each.started() for each in hosted))
    while not asked.is_set() and os.getppid() == starter:
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _WATCH_S)
    await asyncio.gather(*(each.close() for each in hosted))


if __name__ == "__main__":
    sys.exit(main())
