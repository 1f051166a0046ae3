"""A worker process whose jobs behave as their keys say; its only argument is how much longer a stop may take."""

import asyncio
import sys
import time

from backend.db.unit_of_work import Connection
from backend.jobs.records import ClaimedJob, Kind
from backend.worker.main import main

PRIVATE = "private-words"
BEGUN = "begun"
# More than a stop takes on a busy machine; who wants to see it run out gives less.
_MARGIN_S = 60.0


async def run(_connection: Connection, job: ClaimedJob) -> None:
    """Misbehave.

    Args:
        job: Its key says how.
    """
    await job.report(1, BEGUN)
    match job.idempotency_key:
        case "blocks":
            time.sleep(60)  # noqa: ASYNC251 -- that is what it is for
        case "refuses":
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    continue
        case "strays":
            asyncio.get_running_loop().call_soon(_raise)
        case "exits":
            raise SystemExit(PRIVATE)
        case _:
            pass


def _raise() -> None:
    raise RuntimeError(PRIVATE)


if __name__ == "__main__":
    main({"canary": Kind(run=run)}, margin_s=float(next(iter(sys.argv[1:]), _MARGIN_S)))
