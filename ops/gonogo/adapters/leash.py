"""Keeps a program on a leash: it runs as long as whoever holds the other end of our standard input, and no longer.

Run as a script, with the program and its words. A pipe is closed by the system however its holder dies, kill -9
included; the whole process group is killed then, so that what the program has started ends with it.
LEASH_ACCOUNT names another account, as USER:GROUP in numbers, that the program runs as.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the program to its end, and return its exit status."""
    user, _, group = os.environ.get("LEASH_ACCOUNT", "").partition(":")
    child = subprocess.Popen(
        sys.argv[1:],
        stdin=subprocess.DEVNULL,
        user=int(user) if user else None,
        group=int(group) if group else None,
        extra_groups=[] if user else None,
    )
    threading.Thread(target=_watch, daemon=True).start()
    return abs(child.wait())


def _watch() -> None:
    """Kill the group, this process included, when nobody holds the other end any more."""
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
