"""An environment's lock from a person's point of view: looked at, held without a release, given back or broken.

Asks the ledger alone, so it works where nothing else does.
"""

import getpass
import socket
from dataclasses import dataclass
from pathlib import Path

from gonogo import holding
from gonogo.bootstrap import wiring
from gonogo.errors import LockHeldError, UsageError
from gonogo.model import Holder, Lease


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A lock that somebody has.

    Attributes:
        said: who holds it, for how long by now and for how long yet, in words.
    """

    environment: str
    holder: Holder

    @property
    def said(self) -> str:
        """Return who holds it, why, and until when."""
        told = holding.told(self.environment, self.holder)
        return f"{told}: {self.holder.why}; {holding.lasting(self.holder)}"


def locked(root: Path, environment: str) -> Lock | None:
    """Return an environment's lock; None when nobody has it.

    Raises:
        UsageError: there is no such environment.
    """
    wiring.stack_of(root, environment)
    holder = wiring.ledger(wiring.project(root)).holder(environment)
    return Lock(environment=environment, holder=holder) if holder else None


def lock(root: Path, environment: str, reason: str, *, hours: float | None) -> Lock:
    """Hold an environment for a person, without a release.

    Args:
        root: the project.
        environment: its name.
        reason: why, for whoever wants to release meanwhile.
        hours: how long; None until it is given back.

    Raises:
        UsageError: there is no such environment.
        LockHeldError: somebody has it.
    """
    wiring.stack_of(root, environment)
    host = socket.gethostname()
    ours = Holder(
        who=f"{getpass.getuser()}@{host}", host=host, pid=0, since=wiring.clock().now(), why=reason, release_id=""
    )
    ledger = wiring.ledger(wiring.project(root))
    taken = ledger.acquire(environment, ours, lasts_s=None if hours is None else hours * 3600)
    if isinstance(taken, Holder):
        raise holding.refusal(environment, taken)
    return Lock(environment=environment, holder=ledger.holder(environment) or ours)


def unlock(root: Path, seen: Lock, *, force: bool) -> None:
    """Give back the lock that was seen; one that was taken since is left alone.

    Raises:
        LockHeldError: a release holds it, and nobody said that it is to be broken.
        UsageError: somebody else has it by now.
    """
    if not seen.holder.is_person and not force:
        raise _release_holds(seen)
    ledger = wiring.ledger(wiring.project(root))
    ledger.release(Lease(environment=seen.environment, fence=seen.holder.fence))
    now = ledger.holder(seen.environment)
    if now:
        message = f"the lock was given back, and taken again: {holding.told(seen.environment, now)}"
        raise UsageError("lock-taken-again", message, hint=f"invoke deploy.status --env {seen.environment}")


def _release_holds(seen: Lock) -> LockHeldError:
    """Return the error of whoever would break a release's lock without saying so."""
    why = "its process would stop where it stands, and leave the release half-way"
    hint = f"wait for it; or if it hangs: invoke deploy.unlock --env {seen.environment} --force"
    return LockHeldError("lock-held", seen.said, why=why, hint=hint)
