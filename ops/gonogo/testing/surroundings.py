"""Time, the repository, the smoke suite, the ledger and the logs, in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from gonogo.errors import LockLostError, UsageError
from gonogo.model import (
    Checkout,
    Declared,
    Entry,
    GitFacts,
    Holder,
    Lease,
    Outcomes,
    QueuedJob,
    QueueFacts,
    Request,
    Searched,
    Secret,
    Suite,
)
from gonogo.testing.state import LEASE_S, NEW, OLD, Fake


class MemoryClock(Fake):
    """Time that passes only when somebody sleeps."""

    def now(self) -> datetime:
        """Return the scene's time."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.scene.seconds)

    def monotonic(self) -> float:
        """Return the scene's seconds."""
        return self.scene.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.scene.seconds += seconds
        self.scene.land()


class MemoryGit(Fake):
    """A repository with two commits."""

    def facts(self) -> GitFacts:
        """Return a clean checkout of the new commit, or a dirty one."""
        return GitFacts(
            commit=NEW,
            subject="Say hello",
            dirty=self.scene.dirty,
            unpushed=False,
            lock_is_current=True,
            python_pins={".python-version": "3.11"},
        )

    def snapshot(self) -> str:
        """Return the scene's commit of the working tree."""
        return self.scene.snapshot

    def resolve(self, ref: str) -> str:
        """Return a known commit."""
        if ref in {"HEAD", NEW}:
            return NEW
        if ref == OLD:
            return OLD
        raise UsageError("unknown-commit", f"git knows no commit {ref!r}")

    def leaked(self, secrets: Sequence[Secret]) -> Searched:
        """Return what the scene says."""
        return Searched(leaks=self.scene.leaks if secrets else ())


class MemoryCheckouts(Fake):
    """Checkouts that are only named."""

    def provide(self, commit: str) -> Checkout:
        """Return where a checkout would be."""
        return Checkout(commit=commit, path=self.scene.root / commit, python=Path("python"))


class MemoryRequirements(Fake):
    """A release that says what the scene has it say."""

    def of(self, checkout: Checkout) -> Declared | None:
        """Return what the scene says."""
        del checkout
        return self.scene.declared


class MemoryJobs(Fake):
    """A queue that holds what the scene has it hold."""

    def facts(self) -> QueueFacts:
        """Return the jobs that wait, and how those ended that did."""
        self.scene.reach("jobs")
        return QueueFacts(rows=self.scene.queue, ended=self.scene.outcomes.ended, failed=self.scene.outcomes.failed)

    def newer_than(self, at: datetime) -> int | None:
        """Return what the scene says."""
        del at
        self.scene.reach("jobs")
        return self.scene.unread

    def outcomes(self, seconds: float) -> Outcomes:
        """Return how the jobs ended, whenever that was."""
        del seconds
        self.scene.reach("jobs")
        return self.scene.outcomes

    def find(self, job_id: UUID) -> QueuedJob | None:
        """Return none: nobody looks for one."""
        del job_id
        return None

    def dead(self, limit: int) -> tuple[QueuedJob, ...]:
        """Return none."""
        del limit
        return ()

    def retry(self, job_id: UUID) -> bool:
        """Find none to retry."""
        del job_id
        return False

    def cancel(self, job_id: UUID) -> bool:
        """Find none to cancel."""
        del job_id
        return False


class MemorySmoke(Fake):
    """A suite whose outcome the scene decides."""

    def run(self, checkout: Checkout) -> Suite:
        """Return the scene's outcome."""
        with self.scene.effect("smoke.run", checkout.commit):
            return self.scene.smoke


@dataclass(frozen=True, slots=True)
class MemoryLedger(Fake):
    """Entries and locks in lists.

    Attributes:
        host: where the process runs that asks; it sees of its own host's processes alone that they are dead.
    """

    host: str = ""

    def append(self, entry: Entry, *, lease: Lease | None = None, after: int | None = None) -> Entry:
        """Store an entry as JSON keeps it."""
        if lease:
            self.check(lease)
        else:
            self.scene.touch()
        seqs = [each.seq for each in self.scene.entries if each.release_id == entry.release_id]
        if after is not None and max(seqs, default=0) != after:
            raise LockLostError("journal-moved", f"somebody else has gone on with release {entry.release_id}")
        stored = replace(entry, seq=len(self.scene.entries) + 1, data=json.loads(json.dumps(dict(entry.data))))
        with self.scene.effect("ledger.append", f"{entry.kind} {entry.step or ''}"):
            self.scene.entries.append(stored)
        return stored

    def read(self, release_id: str) -> tuple[Entry, ...]:
        """Return a release's entries."""
        return tuple(entry for entry in self.scene.entries if entry.release_id == release_id)

    def releases(self, environment: str) -> tuple[str, ...]:
        """Return an environment's releases, newest first."""
        found = [
            entry.release_id
            for entry in self.scene.entries
            if isinstance(plan := entry.data.get("plan"), dict) and plan["environment"] == environment
        ]
        return tuple(reversed(found))

    def acquire(self, environment: str, holder: Holder, *, lasts_s: float | None = None) -> Lease | Holder:
        """Take the lock; what a dead process holds is free."""
        self.scene.touch()
        now = self.scene.seconds
        other = self.holder(environment)
        if other and other == holder and not holder.is_person:
            return Lease(environment=environment, fence=other.fence)
        if other:
            return other
        with self.scene.effect("ledger.acquire", environment):
            fence = self.scene.fences[environment] = self.scene.fences[environment] + 1
            self.scene.holders[environment] = replace(holder, fence=fence, held_s=now, ends_in_s=lasts_s)
        return Lease(environment=environment, fence=fence)

    def check(self, lease: Lease) -> None:
        """Make sure that a lease still holds the lock."""
        self.scene.touch()
        found = self.scene.holders.get(lease.environment)
        if found is None or found.fence != lease.fence:
            has = f"{found.who} has it now: {found.why}" if found else "nobody has it now"
            raise LockLostError("lock-lost", f"the lock of {lease.environment} is not ours any more; {has}")

    def release(self, lease: Lease) -> None:
        """Give the lock back; somebody else's is left alone."""
        self.scene.touch()
        with self.scene.effect("ledger.release", lease.environment):
            found = self.scene.holders.get(lease.environment)
            if found and found.fence == lease.fence:
                del self.scene.holders[lease.environment]

    def holder(self, environment: str) -> Holder | None:
        """Return who holds the lock."""
        found = self.scene.holders.get(environment)
        if found is None or not self._is_alive(found):
            return None
        held_s = self.scene.seconds - found.held_s
        silent_s = self.scene.seconds - self.scene.silent.get(found.pid, self.scene.seconds)
        ends_in_s = LEASE_S - silent_s
        if found.is_person:
            return replace(found, held_s=held_s, ends_in_s=found.ends_in_s and found.ends_in_s - held_s)
        return replace(found, held_s=held_s, ends_in_s=ends_in_s)

    def _is_alive(self, found: Holder) -> bool:
        """Return whether a lock is still held: within its time, and its process not seen to be dead."""
        now = self.scene.seconds
        if found.is_person:
            return found.ends_in_s is None or now < found.held_s + found.ends_in_s
        is_seen_dead = found.pid in self.scene.dead and self.host in {"", found.host}
        return not is_seen_dead and now < self.scene.silent.get(found.pid, now) + LEASE_S


class MemoryLog(Fake):
    """Lines in a list."""

    def append(self, line: str) -> None:
        """Add a line."""
        with self.scene.effect("log.append"):
            self.scene.log.append(line)

    def contains(self, text: str) -> bool:
        """Return whether a line has this text."""
        return any(text in line for line in self.scene.log)


class MemoryTraffic(Fake):
    """The scene's requests."""

    @property
    def is_expected(self) -> bool:
        """Return whether the scene has any."""
        return bool(self.scene.requests)

    def requests(self) -> tuple[Request, ...]:
        """Return them."""
        return self.scene.requests
