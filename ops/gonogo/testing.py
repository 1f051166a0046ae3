"""An in-memory world for tests: it behaves, it records every call, and it can fail or die at a named point.

Imported by tests only. Each fake passes the same contract tests as its real adapter (ops/tests/contracts).
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gonogo.errors import AnswerLostError, LockTimeoutError, RefusedError, UnreachableError, UsageError
from gonogo.model import (
    Application,
    Artifact,
    Backup,
    Checkout,
    Commands,
    Config,
    Deployment,
    Entry,
    Finding,
    GitFacts,
    History,
    Holder,
    JobState,
    Limits,
    Readiness,
    Request,
    Revision,
    Secret,
    ServicePaths,
    Suite,
    Target,
    WorkerBeat,
)
from gonogo.protocols import World

OLD = "a" + "0" * 39
NEW = "b" + "0" * 39
API, WORKER = "api-uuid", "worker-uuid"


class Died(BaseException):
    """The process was killed here; nothing after this point has run."""


def revision(name: str, *, kind: str = "expand", reversible: bool = True) -> Revision:
    """Return a migration."""
    return Revision(id=name, title=name, kind=kind, reversible=reversible, path=f"versions/{name}.py")


@dataclass(kw_only=True)
class Scene:
    """The state of the world that the fakes share; a test sets it up and looks at it afterwards.

    Attributes:
        serving: the commit that the API runs.
        working: the commit that the worker runs; None while it crashes.
        unready: what the ready probe complains about, by the commit that answers.
        probe_ms: how long the ready probe takes, milliseconds.
        beats: the heartbeats; those of `working` unless said otherwise.
        canary: the canary job as the service shows it; done by `working` unless said otherwise.
        broken_revision: the migration that fails.
        lock_timeouts: how many times the migration meets a lock first.
        deploy_ends: how Coolify ends a deployment of a commit; `finished` unless said otherwise.
        runs_instead: what really runs after a deployment of a commit; None is a worker that crashes.
        deploy_s: seconds until a deployment has ended and what it brings runs.
        linger_s: seconds that a deployment's job goes on after its status says that it has ended.
        appears_s: seconds until Coolify shows a deployment that it took.
        lost_answers: how many requests for a deployment are obeyed without an answer.
        swallowed: how many requests for a deployment are neither obeyed nor answered.
        phantom_ids: how many requests for a deployment are answered with an id that does not exist.
        down: ports that do not answer.
        calls: every call of a port that is to change something, in order, as `port.verb value`.
        done: those of them that had their effect.
        counts: how many calls there were, by name.
        die_at: the process dies before the call of this name that comes n-th, counted from 1.
        die_after: the same, but when the call has had its effect and nobody knows of it yet.
        dies_of: what ends the process.
        fail_at: what a call raises, by its name or by its whole text.
        pid: the process that was started last.
        dead: processes that are no more.
    """

    root: Path = Path("/nowhere")
    serving: str = OLD
    working: str | None = OLD
    unready: dict[str, str] = field(default_factory=dict)
    probe_ms: float = 2.0
    beats: tuple[WorkerBeat, ...] | None = None
    canary: JobState | None = None
    pinned: dict[str, str] = field(default_factory=lambda: {API: "HEAD", WORKER: "HEAD"})
    schema: str | None = "r1"
    pending: tuple[Revision, ...] = (revision("r2"),)
    broken_revision: str = ""
    lock_timeouts: int = 0
    lint: tuple[Finding, ...] = ()
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
    backups: dict[str, Backup] = field(default_factory=dict)
    digest: str = "d" * 64
    restored: Mapping[str, int] | None = None
    scratch: set[str] = field(default_factory=set)
    smoke: Suite = field(default_factory=lambda: Suite(exit_code=0, passed=5, failed=(), output=""))
    dirty: tuple[str, ...] = ()
    snapshot: str = NEW
    requests: tuple[Request, ...] = ()
    missing_abilities: tuple[str, ...] = ()
    down: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    die_at: tuple[str, int] | None = None
    die_after: tuple[str, int] | None = None
    dies_of: type[BaseException] = Died
    fail_at: dict[str, BaseException] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    holders: dict[str, Holder] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0
    pid: int = 1
    dead: set[int] = field(default_factory=set)

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
        self.calls.append(call)
        for key in {name, call} & set(self.fail_at):
            raise self.fail_at[key]
        try:
            yield
            self.done.append(call)
        finally:
            if self.die_after == nth:
                self.die_after = None
                self.die(name)

    def die(self, name: str) -> None:
        """End the process that was started last."""
        if self.dies_of is Died:
            self.dead.add(self.pid)
        raise self.dies_of(name)

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
                self._swap(
                    each.application_uuid, self.runs_instead.get((each.application_uuid, each.commit), each.commit)
                )

    def _swap(self, app_uuid: str, commit: str | None) -> None:
        """Let a commit run; None is a worker that crashes."""
        if app_uuid == API and commit:
            self.serving = commit
        if app_uuid == WORKER:
            self.working = commit

    def world(self, observe: Callable[[Entry], None] = lambda _: None) -> World:
        """Return the ports of this scene; a second call is the same world seen by a new process."""
        self.pid += 1
        return World(
            clock=MemoryClock(self),
            git=MemoryGit(self),
            checkouts=MemoryCheckouts(self),
            platform=MemoryPlatform(self),
            service=MemoryService(self),
            database=MemoryDatabase(self),
            backups=MemoryBackups(self),
            migrations=MemoryMigrations(self),
            smoke=MemorySmoke(self),
            ledger=MemoryLedger(self),
            log=MemoryLog(self),
            traffic=MemoryTraffic(self),
            observe=observe,
            operator="operator@host",
            host="host",
            pid=self.pid,
        )


@dataclass(frozen=True, slots=True)
class _Fake:
    """A port of a scene."""

    scene: Scene


class MemoryClock(_Fake):
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


class MemoryGit(_Fake):
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


class MemoryCheckouts(_Fake):
    """Checkouts that are only named."""

    def provide(self, commit: str) -> Checkout:
        """Return where a checkout would be."""
        return Checkout(commit=commit, path=self.scene.root / commit, python=Path("python"))


class MemoryPlatform(_Fake):
    """Coolify, as quick and as honest as the scene has it."""

    def version(self) -> str:
        """Return a version."""
        self.scene.reach("platform")
        return "4.3.11"

    def missing_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return what the scene says."""
        del app_uuid
        return self.scene.missing_abilities

    def application(self, uuid: str) -> Application:
        """Return an application that rolls."""
        return Application(
            uuid=uuid,
            name=uuid.removesuffix("-uuid"),
            status="running:healthy",
            commit=self.scene.pinned[uuid],
            git_repository="repository",
            rolling=True,
            why_not_rolling="",
            health_checked=uuid == API,
        )

    def pin(self, uuid: str, commit: str) -> None:
        """Set the commit that the next deployment builds."""
        if self.scene.pinned[uuid] != commit:
            with self.scene.effect("platform.pin", f"{uuid} {commit}"):
                self.scene.pinned[uuid] = commit

    def trigger(self, uuid: str) -> str:
        """Deploy what is pinned."""
        with self.scene.effect("platform.trigger", f"{uuid} {self.scene.pinned[uuid]}"):
            if self._happens("swallowed"):
                raise AnswerLostError("no-answer", "the answer was lost")
            made = self._made(uuid)
        if self._happens("lost_answers"):
            raise AnswerLostError("no-answer", "the answer was lost")
        return "phantom" if self._happens("phantom_ids") else made.uuid

    def deployment(self, uuid: str) -> Deployment | None:
        """Return a deployment as it stands now."""
        return next((self._seen(each) for each in self._shown() if each.uuid == uuid), None)

    def recent(self, app_uuid: str) -> tuple[Deployment, ...]:
        """Return an application's deployments as they stand now, newest first."""
        shown = reversed(self._shown())
        return tuple(self._seen(each) for each in shown if each.application_uuid == app_uuid)

    def _happens(self, mishap: str) -> bool:
        """Return whether a mishap is still to happen, and count it off."""
        left = getattr(self.scene, mishap)
        setattr(self.scene, mishap, max(0, left - 1))
        return bool(left)

    def _made(self, app_uuid: str) -> Deployment:
        """Add a deployment of what is pinned."""
        commit, number = self.scene.pinned[app_uuid], len(self.scene.deployments) + 1
        status = self.scene.deploy_ends.get(commit, "finished")
        made = Deployment(
            uuid=f"d{number}", number=number, application_uuid=app_uuid, commit=commit, status=status, ended=True
        )
        self.scene.deployments.append(made)
        self.scene.asked_at[made.uuid] = self.scene.seconds
        self.scene.land()
        return made

    def _shown(self) -> list[Deployment]:
        """Return the deployments that Coolify shows by now."""
        return [each for each in self.scene.deployments if self.scene.age(each) >= self.scene.appears_s]

    def _seen(self, each: Deployment) -> Deployment:
        """Return a deployment as it stands now; one that is to end as in_progress never ends."""
        scene = self.scene
        if scene.age(each) < scene.deploy_s or each.status in {"queued", "in_progress"}:
            status = each.status if each.status == "queued" else "in_progress"
            return replace(each, status=status, ended=False)
        return replace(each, ended=scene.age(each) >= scene.deploy_s + scene.linger_s)


class MemoryService(_Fake):
    """The service, as the scene has it."""

    def ready(self) -> Readiness:
        """Return what serves."""
        scene = self.scene
        if "service" in scene.down:
            return Readiness(status_code=0, ready=False, commit=None, schema_revision=None, detail="", ms=0.0)
        detail = scene.unready.get(scene.serving, "")
        return Readiness(
            status_code=503 if detail else 200,
            ready=not detail,
            commit=scene.serving,
            schema_revision=scene.schema,
            detail=detail,
            ms=scene.probe_ms,
        )

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return the workers' heartbeats."""
        working = self.scene.working
        if self.scene.beats is not None:
            return self.scene.beats
        return (WorkerBeat(id="w", commit=working, state="running", age_s=0.1),) if working else ()

    def start_canary(self) -> str:
        """Take the canary job."""
        with self.scene.effect("service.canary"):
            return "job"

    def job(self, job_id: str) -> JobState:
        """Return the job, done by whoever works."""
        status = "done" if self.scene.working else "queued"
        return self.scene.canary or JobState(id=job_id, status=status, commit=self.scene.working, error=None)


class MemoryDatabase(_Fake):
    """A database that knows its revision."""

    def server_version(self) -> int:
        """Return a version."""
        self.scene.reach("database")
        return 18

    def dump_tool_version(self) -> int | None:
        """Return a version."""
        return 18

    def revision(self) -> str | None:
        """Return the scene's revision."""
        self.scene.reach("database")
        return self.scene.schema

    def size_bytes(self) -> int:
        """Return a size."""
        return 1000

    def restore(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Restore what was backed up, or what the scene says instead."""
        with self.scene.effect("database.restore", scratch_name):
            self.scene.scratch.add(scratch_name)
        return dict(backup.row_counts) if self.scene.restored is None else self.scene.restored

    def drop_scratch(self, scratch_name: str) -> None:
        """Drop a scratch database."""
        if not re.fullmatch(r"gonogo_scratch_[a-z0-9]+", scratch_name):
            raise RefusedError("not-a-scratch", f"{scratch_name!r} is not a scratch database of ours")
        self.scene.scratch.discard(scratch_name)


class MemoryBackups(_Fake):
    """Backups without files."""

    def take(self, name: str) -> Backup:
        """Take one."""
        with self.scene.effect("backups.take", name):
            self.scene.backups[name] = Backup(
                dump=Path(f"{name}.dump"),
                manifest=Path(f"{name}.json"),
                sha256="d" * 64,
                size_bytes=100,
                server_version="18.4",
                schema_revision=self.scene.schema,
                row_counts={"public.thoughts": 3},
            )
        return self.scene.backups[name]

    def find(self, name: str) -> Backup | None:
        """Return one."""
        return self.scene.backups.get(name)

    def digest(self, backup: Backup) -> str:
        """Return the scene's digest."""
        del backup
        return self.scene.digest

    def free_bytes(self) -> int:
        """Return plenty."""
        return 10**12


class MemoryMigrations(_Fake):
    """Migrations that move the scene's revision."""

    def history(self, checkout: Checkout) -> History:
        """Return the scene's history: r1 and what is pending."""
        del checkout
        revisions = (revision("r1"), *self.scene.pending)
        return History(heads=(revisions[-1].id,), order=tuple(each.id for each in revisions), revisions=revisions)

    def sql(self, checkout: Checkout, start: str | None, end: str) -> str:
        """Return some SQL."""
        del checkout
        return f"-- {start} to {end}"

    def lint(self, sql: str) -> tuple[Finding, ...]:
        """Return what the scene says."""
        del sql
        return self.scene.lint

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Go to a revision, one at a time."""
        if self.scene.lock_timeouts:
            self.scene.lock_timeouts -= 1
            raise LockTimeoutError("migration-lock-timeout", "canceling statement due to lock timeout")
        order = self.history(checkout).order
        start = order.index(self.scene.schema) + 1 if self.scene.schema else 0
        for each in order[start : order.index(revision) + 1]:
            self._apply(each)

    def downgrade(self, checkout: Checkout, revision: str | None) -> None:
        """Go back to a revision."""
        del checkout
        with self.scene.effect("migrations.downgrade", str(revision)):
            self.scene.schema = revision

    def _apply(self, revision: str) -> None:
        """Apply one revision in its own transaction."""
        with self.scene.effect("migrations.upgrade", revision):
            if revision == self.scene.broken_revision:
                raise RefusedError("migration-failed", f"{revision} failed: column exists")
            self.scene.schema = revision


class MemorySmoke(_Fake):
    """A suite whose outcome the scene decides."""

    def run(self, checkout: Checkout) -> Suite:
        """Return the scene's outcome."""
        with self.scene.effect("smoke.run", checkout.commit):
            return self.scene.smoke


class MemoryLedger(_Fake):
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


class MemoryLog(_Fake):
    """Lines in a list."""

    def append(self, line: str) -> None:
        """Add a line."""
        with self.scene.effect("log.append"):
            self.scene.log.append(line)

    def contains(self, text: str) -> bool:
        """Return whether a line has this text."""
        return any(text in line for line in self.scene.log)


class MemoryTraffic(_Fake):
    """The scene's requests."""

    def requests(self) -> tuple[Request, ...]:
        """Return them."""
        return self.scene.requests


def config(root: Path = Path("/nowhere"), *, allow_dirty: bool = False, limits: Limits | None = None) -> Config:
    """Return a configuration for a scene."""
    return Config(
        project="example",
        root=root,
        state=root / ".gonogo",
        ledger_url="sqlite://",
        log=root / "log.md",
        artifact=Artifact(environment=("true",), key_files=("lock",)),
        service=ServicePaths(live="/live", ready="/ready", workers="/workers", canary="/canary", job="/jobs/{id}"),
        commands=Commands(migrate=("true",), migrations="alembic.ini", smoke=("true",), backup=("true",)),
        stack_services={},
        stack_environment={},
        stack_issue_token=(),
        target=Target(
            name="prod",
            stack=None,
            coolify_url="http://coolify",
            coolify_token=Secret("COOLIFY_TOKEN", "1|coolify-secret"),
            api_uuid=API,
            worker_uuid=WORKER,
            api_url="http://api",
            api_token=Secret("API_TOKEN", "api-secret"),
            database_url=Secret("DATABASE_URL", "postgresql://u:database-secret@h/d"),
            redis_url=Secret("REDIS_URL", "redis://:redis-secret@h"),
            scratch_url=Secret("SCRATCH_DATABASE_URL", "postgresql://u:scratch-secret@h/d"),
            allow_dirty=allow_dirty,
            limits=limits or Limits(bake_s=10.0),
        ),
    )
