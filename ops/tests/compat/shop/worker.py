"""The shop's worker: it beats."""

import os
import signal
import sys
import threading

import psycopg

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


def main() -> int:
    """Beat until asked to stop."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        while not stop.wait(0.1):
            connection.execute(
                "INSERT INTO beats (pid, state) VALUES (%s, 'running')"
                " ON CONFLICT (pid) DO UPDATE SET state = excluded.state",
                (os.getpid(),),
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
