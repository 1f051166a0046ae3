"""The small service's worker: it beats, and marks its end."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import redis

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


def main() -> int:
    """Beat until asked to stop."""
    if "DATABASE_URL" not in os.environ:
        sys.stderr.write("DATABASE_URL is not set\n")
        return 2
    store = redis.Redis.from_url(os.environ["REDIS_URL"])
    row = {"commit": json.loads(Path("build.json").read_text(encoding="utf-8"))["commit"], "state": "running"}
    while not stop.wait(0.1):
        store.hset("workers", str(os.getpid()), json.dumps(row))
    store.hset("workers", str(os.getpid()), json.dumps(row | {"state": "stopped"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
