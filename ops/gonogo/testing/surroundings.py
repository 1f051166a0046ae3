"""Time, the repository, the smoke suite, the ledger and the logs, in memory."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from gonogo.errors import UsageError
from gonogo.model import (
    Checkout,
    Declared,
    Entry,
    GitFacts,
    Holder,
    Outcomes,
    QueuedJob,
    QueueFacts,
    Request,
    Suite,
)
from gonogo.testing.state import NEW, OLD, Fake


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


class MemoryLedger(Fake):
    """Entries and locks in lists."""

    def append(self, entry: Entry) -> Entry:
        """Store an entry as JSON keeps it."""
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

    def acquire(self, environment: str, holder: Holder) -> Holder | None:
        """Take the lock; what a dead process holds is free."""
        other = self.holder(environment)
        if other and (other.release_id, other.pid) != (holder.release_id, holder.pid):
            return other
        with self.scene.effect("ledger.acquire", environment):
            self.scene.holders[environment] = holder
        return None

    def release(self, environment: str, release_id: str) -> None:
        """Give the lock back; somebody else's is left alone."""
        with self.scene.effect("ledger.release", environment):
            if environment in self.scene.holders and self.scene.holders[environment].release_id == release_id:
                del self.scene.holders[environment]

    def holder(self, environment: str) -> Holder | None:
        """Return who holds the lock."""
        found = self.scene.holders.get(environment)
        return None if found and found.pid in self.scene.dead else found


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
