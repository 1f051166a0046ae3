"""How an environment's ports are reached: directly, or through its tunnel; and what the loss of that means."""

from collections.abc import Callable
from typing import TypeVar

from gonogo.adapters.tunnels import Calls, through
from gonogo.model import Readiness, Target

Port = TypeVar("Port")


# What the loss of a tunnel means for each call. One that is not listed may have changed something: it is not repeated.
_CALLS = {
    "backups": Calls(repeatable=("take",), beside=("find", "names", "newest", "verify", "digest", "free_bytes")),
    "database": Calls(
        repeatable=(
            "server_version",
            "dump_tool_version",
            "revision",
            "size_bytes",
            "password_ends",
            "scratch_is_apart",
            "restore",
        ),
        beside=("drop_scratch",),
    ),
    "restores": Calls(repeatable=("databases", "obstacles", "revision")),
    "catalog": Calls(repeatable=("census", "standing")),
    "jobs": Calls(repeatable=("facts", "newer_than", "outcomes", "find", "dead")),
    "migrations": Calls(repeatable=(), beside=("history", "chain", "squawk")),
    "physical": Calls(
        repeatable=("take", "archiver"),
        beside=("names", "has", "all", "verify", "try_out", "wal", "route", "recover", "where"),
    ),
    "service": Calls(
        repeatable=("ready", "is_live", "workers", "job", "secrets"),
        # A service that cannot be asked is not ready; only who changes something there gets the error itself.
        instead={
            "ready": lambda error: Readiness(
                status_code=0, ready=False, commit=None, schema_revision=None, detail=error.message, ms=0.0
            ),
            "is_live": lambda _: False,
            "workers": lambda _: (),
        },
    ),
    "smoke": Calls(repeatable=("run",)),
    "tokens": Calls(repeatable=("lines",)),
    # A trial asks the target where it is, and no more; it takes too long to be held again for a tunnel.
    "trials": Calls(repeatable=("clear",)),
    "issuers": Calls(repeatable=("problems", "accepts", "users"), beside=("makes", "draft")),
}


def reached(target: Target, port: str, make: Callable[[Target], Port]) -> Port:
    """Return a port as it is reached: directly, or through the environment's tunnel."""
    return through(target, make, _CALLS[port])
