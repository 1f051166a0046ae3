"""What the fakes of one test share: the state of an imagined world, and the points where it can fail or die."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from gonogo.errors import UnreachableError
from gonogo.model import (
    JSON,
    Backup,
    Census,
    Declared,
    Deployment,
    Entry,
    Holder,
    JobState,
    Leak,
    Outcomes,
    Pair,
    QueueRow,
    Readiness,
    Request,
    Revision,
    Said,
    Standing,
    Suite,
    Trial,
    Variable,
    WorkerBeat,
    WorkerStop,
)

OLD = "a" + "0" * 39
NEW = "b" + "0" * 39
API, WORKER = "api-uuid", "worker-uuid"
# How long a lock is held after its process's last sign of life.
LEASE_S = 90.0


def build_of(commit: str) -> str:
    """Return the id of the one build of a commit."""
    return f"build-{commit[0]}"


class Died(BaseException):
    """The process was killed here; nothing after this point has run."""


def revision(name: str, *, kind: str = "expand", reversible: bool = True) -> Revision:
    """Return a migration."""
    return Revision(id=name, title=name, kind=kind, reversible=reversible, path=f"versions/{name}.py")


@dataclass(kw_only=True)
class State:
    """The state of the world that the fakes share; a test sets it up and looks at it afterwards.

    Attributes:
        serving: the commit that the API runs.
        working: the commit that the worker runs; None while it crashes.
        unready: what the ready probe complains about, by the commit that answers.
        probe_ms: how long the ready probe takes, milliseconds.
        beats: the heartbeats; those of `working` unless said otherwise.
        retired: the last heartbeats of the workers that were replaced.
        answers: what the ready probe says in turn, each time anew; what serves unless said otherwise.
        replicas: the processes of the API that answer, in turn.
        fingerprint: of the service's configuration.
        looks: how often the ready probe was asked.
        canary: the canary job as the service shows it; done by `working` unless said otherwise.
        broken_revision: the migration that fails.
        lock_timeouts: how many times whoever runs the migration gives up waiting for a lock.
        variables: what each application is handed; nothing unless said otherwise, None where nobody may ask.
        told: by application and variable, what its next deployment is handed.
        running: the same, as what runs was handed it.
        taken: the secrets that are taken now.
        shown: by the secret's name, what is shown to the service.
        kept: what is kept of rotations under way.
        owned: the operator's own values.
        settings: how each application is set up, by Coolify's own names.
        restarts: how often each application's container was restarted.
        databases: the server's databases by name, with what each says of itself.
        raised: the schema's revision of each restored database, by what it says of itself.
        obstacles: what stands against a restore.
        census: how big tables are, and how much is in them.
        standing: how the schema stands, beside its revision.
        trial: what a trial comes to; every revision quick, reversible and survived unless said otherwise.
        declared: what the target says of its own variables.
        leaks: where secrets in use stand in the git history.
        password_ends: when the database stops to take the role's password.
        queue: the jobs that wait, run or are dead.
        outcomes: how the jobs ended that did.
        unread: how many jobs an earlier version could not read; None when nobody knows.
        deploy_ends: how Coolify ends a deployment of a commit; `finished` unless said otherwise.
        runs_instead: what really runs after a deployment of a commit; None is a worker that crashes.
        deploy_s: seconds until a deployment has ended and what it brings runs.
        linger_s: seconds that a deployment's job goes on after its status says that it has ended.
        appears_s: seconds until Coolify shows a deployment that it took.
        lost_answers: how many requests for a deployment are obeyed without an answer.
        swallowed: how many requests for a deployment are neither obeyed nor answered.
        phantom_ids: how many requests for a deployment are answered with an id that does not exist.
        skipped: how many requests that do not force are taken for a repetition: an invented id, and no deployment.
        busy: how many requests for a deployment are refused because the queue is full: nothing is queued.
        silences: how many looks at one deployment get no answer.
        images: by application, the ready-made image that it runs; its tag is the commit.
        brings: what a deployment of an image brings, which its row does not say.
        down: ports that do not answer.
        calls: every call of a port that is to change something, in order, as `port.verb value`.
        done: those of them that had their effect.
        counts: how many calls there were, by name.
        die_at: the process dies before the call of this name that comes n-th, counted from 1.
        die_after: the same, but when the call has had its effect and nobody knows of it yet.
        dies_of: what ends the process.
        witness: told of each call, before and after it: which, the how manieth of its name, and `at` or `after`.
        fail_at: what a call raises, by its name or by its whole text.
        squawk: what squawk says of every migration.
        statements: what a migration sends, by its id.
        pid: the process that was started last.
        dead: processes that are no more; only their own host sees that.
        silent: since when a process has given no sign of life, dead or asleep.
        touches: how often a process has asked the ledger whether it may go on.
        sleep_at: the touch at which the process falls asleep.
        dream: what happens while it is asleep; afterwards it wakes up and knows of nothing.
    """

    root: Path = Path("/nowhere")
    serving: str = OLD
    working: str | None = OLD
    unready: dict[str, str] = field(default_factory=dict)
    probe_ms: float = 2.0
    beats: tuple[WorkerBeat, ...] | None = None
    retired: list[WorkerBeat] = field(default_factory=list)
    answers: tuple[Readiness, ...] = ()
    replicas: tuple[str, ...] = ("p1",)
    fingerprint: str | None = "f1"
    looks: int = 0
    canary: JobState | None = None
    pinned: dict[str, str] = field(default_factory=lambda: {API: "HEAD", WORKER: "HEAD"})
    variables: dict[str, tuple[Variable, ...] | None] = field(default_factory=dict)
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    running: dict[tuple[str, str], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Pair] = field(default_factory=dict)
    owned: dict[str, str] = field(default_factory=dict)
    settings: dict[str, dict[str, JSON]] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    census: Census = field(default_factory=Census)
    standing: Standing = field(default_factory=Standing)
    trial: Trial | None = None
    declared: Declared | None = None
    leaks: tuple[Leak, ...] = ()
    password_ends: datetime | None = None
    queue: tuple[QueueRow, ...] = ()
    outcomes: Outcomes = field(default_factory=lambda: Outcomes(ended=0, failed=0))
    unread: int | None = 0
    schema: str | None = "r1"
    pending: tuple[Revision, ...] = (revision("r2"),)
    broken_revision: str = ""
    lock_timeouts: int = 0
    squawk: tuple[Said, ...] = ()
    statements: dict[str, str] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)
    asked_at: dict[str, float] = field(default_factory=dict)
    landed: set[str] = field(default_factory=set)
    deploy_ends: dict[str, str] = field(default_factory=dict)
    runs_instead: dict[tuple[str, str], str | None] = field(default_factory=dict)
    deploy_s: float = 0.0
    linger_s: float = 0.0
    appears_s: float = 0.0
    lost_answers: int = 0
    swallowed: int = 0
    phantom_ids: int = 0
    skipped: int = 0
    busy: int = 0
    silences: int = 0
    images: dict[str, str] = field(default_factory=dict)
    brings: dict[str, str] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    digest: str = "d" * 64
    restored: Mapping[str, int] | None = None
    scratch: set[str] = field(default_factory=set)
    databases: dict[str, str] = field(default_factory=lambda: {"d": ""})
    raised: dict[str, str] = field(default_factory=dict)
    obstacles: tuple[str, ...] = ()
    smoke: Suite = field(default_factory=lambda: Suite(exit_code=0, passed=5, failed=(), output=""))
    dirty: tuple[str, ...] = ()
    snapshot: str = NEW
    requests: tuple[Request, ...] = ()
    missing_abilities: tuple[str, ...] = ()
    missing_optional_abilities: tuple[str, ...] = ()
    down: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    die_at: tuple[str, int] | None = None
    die_after: tuple[str, int] | None = None
    dies_of: type[BaseException] = Died
    witness: Callable[[str, int, str], None] = lambda *_: None
    fail_at: dict[str, BaseException] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    holders: dict[str, Holder] = field(default_factory=dict)
    fences: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0
    pid: int = 1
    dead: set[int] = field(default_factory=set)
    silent: dict[int, float] = field(default_factory=dict)
    touches: int = 0
    sleep_at: int = 0
    dream: Callable[[], None] = lambda: None

    @contextmanager
    def effect(self, name: str, value: str = "") -> Iterator[None]:
        """Record a call around its effect; die before or after it, or fail, when that was asked for."""
        call = f"{name} {value}".strip()
        self.counts[name] += 1
        nth = (name, self.counts[name])
        if self.die_at == nth:
            self.die_at = None
            self.counts[name] -= 1
            self.die(name)
        self.witness(call, nth[1], "at")
        self.calls.append(call)
        for key in {name, call} & set(self.fail_at):
            raise self.fail_at[key]
        try:
            yield
            self.done.append(call)
        finally:
            self.witness(call, nth[1], "after")
            if self.die_after == nth:
                self.die_after = None
                self.die(name)

    def die(self, name: str) -> None:
        """End the process that was started last."""
        if self.dies_of is Died:
            self.dead.add(self.pid)
            self.silent[self.pid] = self.seconds
        raise self.dies_of(name)

    def touch(self) -> None:
        """Count a process's question whether it may go on; let it fall asleep before it, when that was asked for.

        Raises:
            Died: it is no more, and only the tidying up that Python does on the way out still asks.
        """
        if self.pid in self.dead:
            raise Died(f"process {self.pid}")
        self.touches += 1
        if self.touches == self.sleep_at:
            sleeper, self.silent[self.pid] = self.pid, self.seconds
            self.dream()
            self.pid = sleeper
            del self.silent[sleeper]

    def reach(self, port: str) -> None:
        """Raise when a port does not answer."""
        if port in self.down:
            raise UnreachableError(f"{port}-unreachable", f"the {port} does not answer")

    def age(self, deployment: Deployment) -> float:
        """Return the seconds since a deployment was asked for."""
        return self.seconds - self.asked_at.get(deployment.uuid, 0.0)

    def land(self) -> None:
        """Let run what the deployments that have finished by now bring."""
        for each in self.deployments:
            if each.uuid not in self.landed and each.status == "finished" and self.age(each) >= self.deploy_s:
                self.landed.add(each.uuid)
                brought = self.brings.get(each.uuid, each.commit)
                self._swap(each.application_uuid, self.runs_instead.get((each.application_uuid, brought), brought))

    def _swap(self, app_uuid: str, commit: str | None) -> None:
        """Let a commit run, with what it is told by now; None is a worker that crashes."""
        self.running.update({key: value for key, value in self.told.items() if key[0] == app_uuid})
        if app_uuid == API and commit:
            self.serving = commit
        if app_uuid == WORKER:
            stop = WorkerStop(in_flight=2, ended=1, handed_back=1, left=0, seconds=0.5)
            self.retired += [replace(beat, state="stopped", stop=stop) for beat in self.at_work()]
            self.working = commit

    def at_work(self) -> tuple[WorkerBeat, ...]:
        """Return the heartbeat of the worker that runs; none while it crashes."""
        if not self.working:
            return ()
        beat = WorkerBeat(
            id=f"w{len(self.retired) + 1}",
            commit=self.working,
            state="running",
            age_s=0.1,
            build_id=build_of(self.working),
            fingerprint=self.fingerprint,
            envelope=1,
            kinds=("canary",),
        )
        return (beat,)


@dataclass(frozen=True, slots=True)
class Fake:
    """A port of a scene."""

    scene: State
