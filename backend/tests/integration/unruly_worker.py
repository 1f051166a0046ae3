"""A worker process whose jobs behave as their keys say: python -m backend.tests.integration.unruly_worker."""

import asyncio
import time

from backend.db.unit_of_work import Connection
from backend.jobs.records import ClaimedJob, Kind
from backend.worker.main import main

PRIVATE = "private-words"
# More than a stop takes that is only kept from closing; a test does not wait for longer.
_MARGIN_S = 4.0


async def run(_connection: Connection, job: ClaimedJob) -> None:
    """Misbehave.

    Args:
        job: Its key says how.
    """
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
    main({"canary": Kind(run=run)}, margin_s=_MARGIN_S)
