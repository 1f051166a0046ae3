"""The records of a release: the facts it starts from, the plan, what came of it, and its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gonogo.model.backups import Drill, Restoring
from gonogo.model.entries import Finding
from gonogo.model.observed import (
    Application,
    Deployment,
    History,
    Pin,
    Readiness,
    Request,
    Revision,
    Variable,
    WorkerBeat,
)
from gonogo.model.secrecy import SecretFacts
from gonogo.model.secrets import Rotation
from gonogo.model.terms import JSON, PlanKind, StepStatus, Verdict, WayBack, version_of
from gonogo.model.trials import Compared, Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class GitFacts:
    """The checkout that the release is made from.

    Attributes:
        dirty: paths with uncommitted changes.
        unpushed: whether remotes exist and none of them has the commit.
        lock_is_current: whether uv.lock fits the pyproject files.
        python_pins: interpreter versions by the file that names them.
    """

    commit: str
    subject: str
    dirty: tuple[str, ...]
    unpushed: bool
    lock_is_current: bool
    python_pins: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformFacts:
    """What Coolify says before the release.

    Attributes:
        missing_abilities: abilities that the token lacks, as far as harmless calls can tell.
        api_variables: what the API is handed; None when it may not be read.
        worker_variables: the same for the worker.
        active: deployments of our applications that are queued or in progress.
        foreign: those of other applications of the team; they take the same places for builds.
        missing_optional: abilities that the token lacks and a release can do without.
    """

    version: str
    missing_abilities: tuple[str, ...]
    api: Application
    worker: Application
    active: tuple[Deployment, ...]
    api_variables: tuple[Variable, ...] | None = None
    worker_variables: tuple[Variable, ...] | None = None
    foreign: tuple[Deployment, ...] = ()
    missing_optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """The variables that one service of a release does not start without.

    Attributes:
        required: always.
        together: by a variable that may be left out, those that must be there when it is.
        secrets: those that hold a secret, needed or not; None where nobody says.
    """

    required: tuple[str, ...]
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """What a release says of its own variables.

    Attributes:
        services: by `api` and `worker`.
        problem: why it could not say; empty when it could.
        examples: the values that its own example shows.
    """

    services: Mapping[str, Needs] = field(default_factory=dict)
    problem: str = ""
    examples: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFacts:
    """What the database says before the release.

    Attributes:
        server_version: major of the server, for example 18.
        dump_tool_version: major of the pg_dump that would be used; None when there is none.
        revision: Alembic's revision; None for an empty database.
        size_bytes: size of the database on disk.
        scratch_is_apart: whether dumps and migrations are tried on another server than its own.
    """

    server_version: int
    dump_tool_version: int | None
    revision: str | None
    size_bytes: int
    scratch_is_apart: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class AppSnapshot:
    """How one application of a release is set up.

    Attributes:
        pin: what its deployments run.
        settings: what decides how it is deployed, by the platform's own names.
        variables: a keyed hash of each variable's value by its name; None when the value may not be read.
        fingerprint: a keyed hash of its configuration as its running processes say; None when they do not.
    """

    uuid: str
    pin: Pin
    settings: Mapping[str, JSON] = field(default_factory=dict)
    variables: Mapping[str, str | None] = field(default_factory=dict)
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A release as it stands on an environment: what can be gone back to, and held against what is there now.

    Attributes:
        commit: what serves.
        schema_revision: Alembic's revision of the database.
    """

    commit: str
    schema_revision: str | None
    api: AppSnapshot
    worker: AppSnapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What going back from a release would cost, said before it begins.

    Attributes:
        reasons: why, a sentence each, what decides first.
        instead: what to do where it cannot be gone back; empty where it can.
    """

    verdict: WayBack
    reasons: tuple[str, ...]
    instead: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaFacts:
    """What is decided from when the schema moves alone, read in one go.

    Attributes:
        target_commit: the commit with the migrations; a snapshot where uncommitted changes may be released.
        disk_free_bytes: free space where backups go.
        history: the target's migrations.
    """

    at: datetime
    git: GitFacts
    target_commit: str
    ready: Readiness
    database: DatabaseFacts
    history: History
    disk_free_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts(SchemaFacts):
    """Everything that a plan is decided from, read in one go.

    Attributes:
        secrets: what is known of the environment's secrets.
        last: how the last release to this environment left it; None when the ledger knows none.
        gone: what going back to what serves now would need and is not there any more, a sentence each.
        declared: which variables the target needs; None when the project names no command that tells.
        drills: what came of trying backups out, oldest first.
    """

    platform: PlatformFacts
    workers: tuple[WorkerBeat, ...]
    secrets: SecretFacts
    last: Snapshot | None = None
    gone: tuple[str, ...] = ()
    declared: Declared | None = None
    drills: tuple[Drill, ...] = ()

    @property
    def previous_commit(self) -> str | None:
        """Return the commit that serves now, as the service itself says."""
        return self.ready.commit


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStep:
    """One step of a plan: its name, and what it will do in words."""

    name: str
    intent: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The ordered steps decided for a release, not yet run.

    Attributes:
        previous_commit: what to go back to.
        start_revision: the schema before the release.
        pending: migrations that the release applies, oldest first; those that a rollback finds applied.
        findings: what the checks say; one BLOCK makes the release a no-go.
        way_back: how this release is undone, in words.
        kind: forward to a commit, or back to an earlier release.
        before: the environment as it was found; None in plans that were written down before it was.
        forecast: what going back will cost, or does; None in plans that were written down before it was.
        goal: the earlier release as it was left, which a rollback goes back to; None where nobody wrote it down.
        schema_commit: whose migrations move the schema back in a rollback, or bring a restored one up; empty for none.
        restoring: which databases a restore fills and switches; None for any other plan.
        rotation: the secret that is replaced; None where none is.
    """

    release_id: str
    environment: str
    created_at: datetime
    previous_commit: str
    target_commit: str
    subject: str
    start_revision: str | None
    target_revision: str
    pending: tuple[Revision, ...]
    steps: tuple[PlannedStep, ...]
    findings: tuple[Finding, ...]
    way_back: str
    kind: PlanKind = PlanKind.RELEASE
    before: Snapshot | None = None
    forecast: Forecast | None = None
    goal: Snapshot | None = None
    schema_commit: str = ""
    restoring: Restoring | None = None
    rotation: Rotation | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """Return where it starts and where it goes to: versions, revisions of the schema alone, or a secret."""
        if self.rotation:
            return f"{self.rotation.name} {self.rotation.fingerprint}".strip(), "a new one"
        if self.restoring:
            return self.restoring.backup or self.restoring.served, self.restoring.into
        if self.kind.moves_code:
            return self.previous_version, self.target_version
        return self.start_revision or "nothing", self.target_revision

    @property
    def goal_words(self) -> str:
        """Return what it brings, in words."""
        return f"a new {self.rotation.name}" if self.rotation else self.ends[1]

    @property
    def previous_version(self) -> str:
        """Return the version that served before."""
        return version_of(self.previous_commit)

    @property
    def target_version(self) -> str:
        """Return the version to be released."""
        return version_of(self.target_commit)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepReport:
    """What came of one step.

    Attributes:
        seconds: how long it took, without the time in which nobody was at it; None when it never ran.
        reverted_seconds: how long undoing it took, likewise; None when it was not undone.
        evidence: what was observed, `name: value` in words.
        idle_s: how long nobody was at it: it had been stopped, and was gone on with later.
        was_cut: whether its work came to no end: it was stopped, and then undone.
    """

    name: str
    status: StepStatus
    started_at: datetime | None
    seconds: float | None
    revert_started_at: datetime | None
    reverted_seconds: float | None
    findings: tuple[Finding, ...]
    evidence: Mapping[str, str]
    idle_s: float = 0.0
    was_cut: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A time in which nobody was at a release: from the last sign of it until it was gone on with."""

    started_at: datetime
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A release in the words of its journal.

    Attributes:
        reason: why it did not go through: the error's message; empty when released.
        where: the step that failed; empty when none did.
        hint: the next command; empty when there is nothing to do.
        serving_commit: what the service said at the end; None when it did not answer.
        requests: the traffic that ran during the release, oldest first; empty when none was asked for.
        kind: forward to a commit, or back to an earlier release.
        forecast: what going back was said to cost; None where nobody said.
        trial: what came of trying the migrations on a copy; None where none was held.
        compared: how long each migration took, beside how long its trial said.
        track: the same of earlier releases to the environment, newest first.
        pauses: when nobody was at it, oldest first.
    """

    release_id: str
    environment: str
    verdict: Verdict
    exit_code: int
    reason: str
    where: str
    hint: str
    previous_commit: str | None
    target_commit: str
    subject: str
    serving_commit: str | None
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepReport, ...]
    pending: tuple[Revision, ...]
    way_back: str
    requests: tuple[Request, ...] = field(default=())
    kind: PlanKind = PlanKind.RELEASE
    forecast: Forecast | None = None
    trial: Trial | None = None
    compared: tuple[Compared, ...] = ()
    track: tuple[Compared, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def idle_s(self) -> float:
        """Return the seconds in which nobody was at it."""
        return sum(pause.seconds for pause in self.pauses)

    @property
    def duration_s(self) -> float:
        """Return the seconds from start to end; zero while it runs."""
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else 0.0

    @property
    def requests_failed(self) -> int:
        """Return how many requests failed or were refused."""
        return sum(request.failed for request in self.requests)
