"""The lock of an environment, held and given back by hand. Asks the ledger alone."""

from datetime import UTC
from math import isfinite
from typing import Any

from gonogo import bootstrap
from gonogo.errors import UsageError
from gonogo.tasks import door
from gonogo.tasks.console import Console


def lock(console: Console, environment: str, reason: str, hours: str) -> None:
    """Hold an environment.

    Raises:
        UsageError: no reason, or no such environment.
        LockHeldError: somebody has it.
    """
    if not reason.strip():
        message = "a hold without a reason helps nobody who meets it"
        raise UsageError("no-reason", message, hint=f'invoke deploy.lock --env {environment} --reason "..."')
    taken = bootstrap.lock(door.root(), environment, reason.strip(), hours=_hours(hours, environment))
    console.line(taken.said)
    console.line(f"next: invoke deploy.unlock --env {environment}")
    console.document({"locked": True, "lock": document(taken)})


def unlock(console: Console, environment: str, *, force: bool, yes: bool, dry_run: bool) -> None:
    """Show who holds an environment, and give it back.

    Raises:
        LockHeldError: a release holds it.
        UsageError: nobody said yes.
    """
    seen = bootstrap.locked(door.root(), environment)
    console.line(seen.said if seen else f"nobody holds the lock of {environment}")
    if seen and not dry_run:
        if force or seen.holder.is_person:
            door.demand_yes(console, f"give back the lock of {environment}?", yes=yes)
        bootstrap.unlock(door.root(), seen, force=force)
        console.line(f"the lock of {environment} is free")
    console.document({"locked": bool(seen) and dry_run, "lock": document(seen) if seen else None})


def document(lock: bootstrap.Lock) -> dict[str, Any]:
    """Return a lock as JSON."""
    holder = lock.holder
    return {
        "environment": lock.environment,
        "who": holder.who,
        "host": holder.host,
        "pid": holder.pid or None,
        "why": holder.why,
        "release_id": holder.release_id or None,
        "since": holder.since.astimezone(UTC).isoformat(),
        "held_s": round(holder.held_s, 1),
        "ends_in_s": None if holder.ends_in_s is None else round(holder.ends_in_s, 1),
    }


def _hours(text: str, environment: str) -> float | None:
    """Return a flag's hours; None for none.

    Raises:
        UsageError: it is no length of time.
    """
    try:
        hours = float(text) if text else None
    except ValueError:
        hours = -1.0
    if hours is None or (isfinite(hours) and hours > 0):
        return hours
    message = f"--hours takes a number of hours above zero, not {text!r}"
    raise UsageError("not-hours", message, hint=f'invoke deploy.lock --env {environment} --reason "..." --hours 2')
