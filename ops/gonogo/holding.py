"""Hold an environment while something is released to it, with who, when and why; and do nothing once it is lost.

A lock is a lease: it ends soon after its holder's last sign of life (docs/adr/0015-a-lock-is-a-lease.md). A process
that was asleep for so long does not know it, so each effect is preceded by the question whether the lease still holds.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gonogo.errors import LockHeldError, LockLostError
from gonogo.model import Entry, Holder, Lease, Plan
from gonogo.protocols import Ledger, World

# What only looks, by port. Every other verb may change something and is done only while the lock is held.
READING: Mapping[str, frozenset[str]] = {
    "platform": frozenset(
        {
            "version",
            "missing_abilities",
            "missing_optional_abilities",
            "application",
            "variables",
            "deployment",
            "recent",
            "active",
            "value",
        }
    ),
    "service": frozenset({"ready", "workers", "job"}),
    "database": frozenset({"server_version", "dump_tool_version", "revision", "size_bytes", "scratch_is_apart"}),
    "catalog": frozenset({"census", "standing"}),
    "backups": frozenset({"find", "names", "newest", "verify", "digest", "free_bytes"}),
    "restores": frozenset({"databases", "obstacles", "revision"}),
    "migrations": frozenset({"history", "chain", "squawk"}),
    "trials": frozenset(),
    "requirements": frozenset({"of"}),
    "jobs": frozenset({"facts", "newer_than", "outcomes", "find", "dead"}),
    "usage": frozenset({"secrets"}),
    "safe": frozenset({"pair", "own"}),
    "issuers": frozenset({"makes", "problems", "draft", "accepts", "users"}),
    "smoke": frozenset(),
    "log": frozenset({"contains"}),
}


def hold(world: World, plan: Plan) -> None:
    """Take the lock of a plan's environment, or make sure that it is ours already.

    Raises:
        LockHeldError: somebody else has it.
    """
    ours = Holder(
        who=world.operator,
        host=world.host,
        pid=world.pid,
        since=world.clock.now(),
        why=f"{plan.kind.value} of {plan.rotation.name}"
        if plan.rotation
        else f"{plan.kind.value} {plan.target_version}",
        release_id=plan.release_id,
    )
    taken = world.ledger.acquire(plan.environment, ours)
    if isinstance(taken, Holder):
        raise refusal(plan.environment, taken)


def refusal(environment: str, holder: Holder) -> LockHeldError:
    """Return the error of whoever wants a lock that somebody has."""
    message = f"{told(environment, holder)}: {holder.why}"
    if holder.is_person:
        hint = f"talk to them, or: invoke deploy.unlock --env {environment}"
        return LockHeldError("lock-held", message, why="a person holds it, without a release", hint=hint)
    hint = f"wait for it, or look: invoke deploy.status --env {environment}"
    return LockHeldError(
        "lock-held", message, where=f"pid {holder.pid} on {holder.host}", why=lasting(holder), hint=hint
    )


def told(environment: str, holder: Holder) -> str:
    """Return who holds a lock and for how long."""
    since = f"since {holder.since:%H:%M:%S} UTC ({_span(holder.held_s)})"
    return f"{holder.who} holds the lock of {environment} {since}"


def lasting(holder: Holder) -> str:
    """Return how long a lock will last."""
    if holder.ends_in_s is None:
        return "it lasts until it is given back"
    if holder.is_person:
        return f"it ends by itself in {_span(holder.ends_in_s)}"
    return f"it ends by itself in {_span(holder.ends_in_s)} unless its process gives a sign of life"


def _span(seconds: float) -> str:
    """Return a length of time for people."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"


class HeldLedger:
    """A ledger that remembers the lease that was taken through it, and which entry its user knows last."""

    def __init__(self, ledger: Ledger) -> None:
        """Hold nothing yet."""
        self._ledger = ledger
        self._lease: Lease | None = None
        self._asked: tuple[str, Holder] | None = None
        self._last: dict[str, int] = {}
        self.holder = ledger.holder
        self.releases = ledger.releases
        self.check = ledger.check

    def append(self, entry: Entry, *, lease: Lease | None = None, after: int | None = None) -> Entry:
        """Store an entry after the last one that was read or written here, as long as the lock is held."""
        known = self._last.get(entry.release_id, 0) if after is None else after
        stored = self._ledger.append(entry, lease=lease or self._lease, after=known)
        self._last[entry.release_id] = stored.seq
        return stored

    def read(self, release_id: str) -> tuple[Entry, ...]:
        """Return a release's entries; from now on they are known here."""
        entries = self._ledger.read(release_id)
        self._last[release_id] = entries[-1].seq if entries else 0
        return entries

    def acquire(self, environment: str, holder: Holder, *, lasts_s: float | None = None) -> Lease | Holder:
        """Take the lock, and remember the lease."""
        self._asked = environment, holder
        taken = self._ledger.acquire(environment, holder, lasts_s=lasts_s)
        if isinstance(taken, Lease):
            self._lease = taken
        return taken

    def release(self, lease: Lease | None = None) -> None:
        """Give back what is held, if anything is."""
        if ours := lease or self._lease or self._unheard():
            self._ledger.release(ours)
            self._lease = None

    def _unheard(self) -> Lease | None:
        """Return the lease that was taken without anybody having heard of it: interrupted at that moment."""
        if self._asked is None:
            return None
        environment, holder = self._asked
        found = self._ledger.holder(environment)
        return Lease(environment=environment, fence=found.fence) if found and found == holder else None

    def still_held(self) -> None:
        """Make sure that the lock is held.

        Raises:
            LockLostError: it is not, or was never taken.
        """
        if self._lease is None:
            raise LockLostError("lock-never-taken", "nothing may be changed before the lock is taken")
        self._ledger.check(self._lease)


def fenced(world: World, ledger: HeldLedger) -> World:
    """Return the same world, whose effects happen only while the lock is held."""
    ports: dict[str, Any] = {
        name: _Fenced(getattr(world, name), only_looks, ledger) for name, only_looks in READING.items()
    }
    return replace(world, ledger=ledger, **ports)


class _Fenced:
    """A port that asks before each effect whether the lock is still held."""

    def __init__(self, port: object, only_looks: frozenset[str], ledger: HeldLedger) -> None:
        self._port = port
        self._only_looks = only_looks
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:  # whatever the port has
        found = getattr(self._port, name)
        if name in self._only_looks or not callable(found):
            return found

        def done(*given: Any, **named: Any) -> Any:  # as the port takes it
            self._ledger.still_held()
            return found(*given, **named)

        return done
