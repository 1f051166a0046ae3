"""The records of what was seen: of the platform, the service, the database, a checkout, the traffic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gonogo.model.settings import Secret
from gonogo.model.terms import JSON, PinKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """One migration.

    Attributes:
        id: Alembic's revision id.
        title: the first line of its docstring.
        kind: `expand` (old code survives), `contract`, `data`, or `unknown` when it does not say.
        reversible: whether it declares that its downgrade may be run.
        path: the file, relative to the checkout.
    """

    id: str
    title: str
    kind: str
    reversible: bool
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What a checkout's migrations say.

    Attributes:
        heads: the newest revisions; exactly one in a sound history.
        order: every revision id, oldest first.
        revisions: the same, in full.
        parents: by revision, those that it stands on; empty where the history is one line and nobody needs to know.
    """

    heads: tuple[str, ...]
    order: tuple[str, ...]
    revisions: tuple[Revision, ...]
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def after(self, revision: str | None) -> tuple[Revision, ...]:
        """Return what a database at a revision lacks, oldest first; everything for None.

        Raises:
            ValueError: the revision is not in this history.
        """
        start = 0 if revision is None else self.order.index(revision) + 1
        if not self.parents:
            return self.revisions[start:]
        there = self._below(revision)
        return tuple(each for each in self.revisions if each.id not in there)

    def _below(self, revision: str | None) -> set[str]:
        """Return a revision and all that it stands on."""
        found, waiting = set[str](), [revision] if revision else []
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self.parents.get(each, ())
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """A commit's files with its own locked environment.

    Attributes:
        commit: 40 hex digits.
        path: the folder, with build.json at its root.
        python: the interpreter of its environment.
    """

    commit: str
    path: Path
    python: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """What an application's next deployment runs.

    Attributes:
        kind: a git commit that the platform builds, or a tag or digest of a ready-made image.
        ref: the commit, the tag, or the digest's 64 hex digits.
        image: the image's name without tag or digest; empty for a commit.
    """

    kind: PinKind
    ref: str
    image: str = ""

    @classmethod
    def of_commit(cls, commit: str) -> "Pin":
        """Return the pin of a commit that the platform builds."""
        return cls(kind=PinKind.COMMIT, ref=commit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One variable that the platform hands to an application's production containers.

    Attributes:
        fingerprint: a keyed hash of its value, which tells a change and no value; None when it may not be read.
        is_locked: nobody may read its value, whatever the token.
        held: its value; None when it may not be read.
        changed_at: when it was last written; None when that is not told.
        is_copied: previews are handed the same value.
    """

    key: str
    fingerprint: str | None
    is_runtime: bool = True
    is_buildtime: bool = True
    is_literal: bool = False
    is_multiline: bool = False
    is_locked: bool = False
    held: Secret | None = field(default=None, repr=False, compare=False)
    changed_at: datetime | None = field(default=None, compare=False)
    is_copied: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """What the platform says about one application, as far as a rollout needs it.

    Attributes:
        status: `state:health`, a cache that lags.
        pin: what the next deployment will run.
        settings: what decides how it is deployed, by the platform's own names; no secret is among it.
        restart_count: how often its container was restarted since its last good deployment, as the platform saw it.
        rolling: whether a deployment starts the new container beside the old one.
        why_not_rolling: the setting that forbids it; empty when rolling.
        health_checked: whether the platform waits for health before it swaps.
    """

    uuid: str
    name: str
    status: str
    pin: Pin
    git_repository: str
    rolling: bool
    why_not_rolling: str
    health_checked: bool
    settings: Mapping[str, JSON] = field(default_factory=dict)
    restart_count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """One deployment on the platform.

    Attributes:
        number: ascending id; what came after a remembered one is new.
        status: queued, in_progress, finished, failed, cancelled-by-user.
        ended: the platform's job has really ended (`finished_at` is set).
    """

    uuid: str
    number: int
    application_uuid: str
    commit: str
    status: str
    ended: bool

    @property
    def is_active(self) -> bool:
        """Return whether the platform still works on it, or will."""
        return self.status in {"queued", "in_progress"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """What the service's ready probe answered.

    Attributes:
        status_code: HTTP status; 0 when nothing answered.
        commit: the commit that the answering process was built from; None when it does not say.
        schema_revision: the database's revision as that process sees it.
        build_id: which build of that commit it is; None when it does not say.
        fingerprint: a keyed hash of its configuration; None when it does not say.
        replica: which of the processes behind the front it is; None when it does not say.
        detail: the failing checks in words; empty when ready.
        ms: time to the whole answer, milliseconds.
    """

    status_code: int
    ready: bool
    commit: str | None
    schema_revision: str | None
    detail: str
    ms: float
    build_id: str | None = None
    fingerprint: str | None = None
    replica: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerStop:
    """What became of the jobs that a worker had in hand when it was told to stop.

    Attributes:
        in_flight: how many there were.
        ended: those that came to their end; None, as the rest, while it stops.
        handed_back: those that others may start at once.
        left: those that others may start when their leases have run out.
        seconds: how long it took.
    """

    in_flight: int
    ended: int | None = None
    handed_back: int | None = None
    left: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerBeat:
    """A worker's last heartbeat.

    Attributes:
        state: running, stopping or stopped.
        age_s: seconds since the beat, on the service's clock.
        build_id: which build of that commit it is; None when it does not say.
        fingerprint: a keyed hash of its configuration; None when it does not say.
        envelope: the newest form of job payloads that it understands; None when it does not say.
        kinds: the kinds of jobs that it can run; None when it does not say.
        stop: how it stopped; None before, and when it does not say.
    """

    id: str
    commit: str
    state: str
    age_s: float
    build_id: str | None = None
    fingerprint: str | None = None
    envelope: int | None = None
    kinds: tuple[str, ...] | None = None
    stop: WorkerStop | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JobState:
    """What the service says about one job.

    Attributes:
        commit: what ran it; None before, and when it does not say.
        build_id: which build of that commit; None when it does not say.
        found_by: `message` when the worker was told of it, `polling` when it found it; None when it does not say.
        origin: the commit of the API that queued it; None when it does not say.
    """

    id: str
    status: str
    commit: str | None
    error: str | None
    build_id: str | None = None
    found_by: str | None = None
    origin: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """What a run of the smoke suite said.

    Attributes:
        exit_code: pytest's.
        passed: count of tests.
        failed: names of the tests that failed, with the first line of why.
        output: the end of what it printed.
    """

    exit_code: int
    passed: int
    failed: tuple[str, ...]
    output: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request of the traffic that ran during a release.

    Attributes:
        at: when it was over, answered or failed, seconds since the epoch.
        ms: time to the whole answer, milliseconds.
        status: HTTP status; None when nothing answered.
        failed: whether it was refused, late, or not what was asked for.
        kind: what was asked: capture or read.
    """

    at: float
    ms: float
    status: int | None
    failed: bool
    kind: str
