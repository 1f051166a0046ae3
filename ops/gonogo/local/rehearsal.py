"""The rehearsal: a stack with the previous version on it, steady requests through its front, and a release.

The release itself is the one that production gets: this room only sets the stage.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from gonogo import bootstrap
from gonogo.errors import ConfigurationError, InterruptedReleaseError, LockHeldError, UsageError
from gonogo.local import breakage, elders, postgres, samples, stack, traffic
from gonogo.local.definition import Owner, StackDefinition, StackInfo, directory
from gonogo.local.pinning import PinnedGit
from gonogo.model import Project, Request, Verdict, version_of
from gonogo.protocols import Traffic, World

STACK = "rehearsal"
ENVIRONMENT = "rehearse"
RATE = 80
_SLOWEST, _FASTEST = 1, 500
_RATE_FILE = "traffic.rate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is asked of a rehearsal.

    Attributes:
        start_from: the ref to start from; empty for the default.
        fault: what to break; empty for nothing.
        rate: requests a second.
        keep: whether the stack stays up afterwards.
    """

    root: Path
    start_from: str = ""
    fault: str = ""
    rate: int = RATE
    keep: bool = False


@contextmanager
def session(wish: Wish, *, environ: Mapping[str, str], progress: Callable[[str], None]) -> Iterator[bootstrap.Stage]:
    """Yield a stage: the stack is up, the previous version serves, requests run; afterwards all of it is gone.

    Raises:
        UsageError: there is no such fault or commit.
        LockHeldError: another rehearsal of this checkout is running.
    """
    breakage.refuse_unknown(wish.fault)
    _refuse_rate(wish.rate)
    project = bootstrap.project(wish.root)
    with alone(project), _swept(project, keep=wish.keep):
        target = breakage.target(project, wish.fault)
        first = first_commit(project, target, wish.start_from)
        progress(f"rehearsing {version_of(first)} -> {version_of(target)}")
        stack.down(directory(project.state, STACK))
        wanted = _told_more(definition(project, STACK, first, environ), project.stack_broken.get(wish.fault, {}))
        info = stack.up(wanted, owner=Owner.this_process(), progress=progress)
        stack.set_faults(info.directory, breakage.platform_faults(wish.fault, target))
        for provider, fault in breakage.provider_faults(wish.fault):
            with stack.provider(info.directory, provider) as control:
                control.fault(fault)
        with _staged(project, info, wish.rate) as stage:
            bootstrap.abandon(stage.config)
            yield replace(stage, dress=_Dress(target, wish.fault))


def from_now_on(stage: bootstrap.Stage) -> bootstrap.Stage:
    """Return the same stage, whose traffic is that from now on: what ran before belongs to another release."""
    began_at = datetime.now(UTC).timestamp()
    return replace(stage, traffic=_Later(stage.traffic, began_at))


@contextmanager
def resumed(root: Path, *, environ: Mapping[str, str], progress: Callable[[str], None]) -> Iterator[bootstrap.Stage]:
    """Yield the stage of a rehearsal that was killed, with its stack brought back to life.

    Raises:
        UsageError: no rehearsal waits to be resumed.
    """
    project = bootstrap.project(root)
    with alone(project), _swept(project, keep=False):
        states = [state for state in bootstrap.archive(root).releases(ENVIRONMENT) if not state.is_ended]
        if not states:
            raise UsageError("nothing-to-resume", "no rehearsal was left half-way", hint="invoke deploy.rehearse")
        plan = states[0].plan
        wanted = definition(project, STACK, plan.previous_commit, environ)
        info = stack.up(wanted, owner=Owner.this_process(), progress=progress)
        with _staged(project, info, _rate_of(info)) as stage:
            yield replace(stage, dress=_Dress(plan.target_commit, ""))


def definition(project: Project, name: str, first: str, environ: Mapping[str, str]) -> StackDefinition:
    """Return what a stack of this project is made from; servers that are given for it win over our own.

    Raises:
        ConfigurationError: gonogo.toml does not say how the services are started.
    """
    missing = [name for name in ("api", "worker") if not project.stack_services.get(name)]
    problems = tuple(f"stack.services.{name} is missing: set it in gonogo.toml" for name in missing)
    if not project.stack_issue_token:
        problems = (*problems, "stack.issue_token is missing: set it in gonogo.toml")
    if problems:
        raise ConfigurationError("stack-not-described", "a local stack cannot be made", problems=problems)
    return StackDefinition(
        root=project.state,
        name=name,
        repository=project.root,
        first=first,
        services=project.stack_services,
        migrate=(*project.commands.migrate, "upgrade", "head"),
        environment=project.stack_environment,
        issue_token=project.stack_issue_token,
        checkouts=bootstrap.checkouts(project),
        ready=project.service.ready,
        workers=project.service.workers,
        database_url=environ.get("STACK_DATABASE_URL") or None,
        redis_url=environ.get("STACK_REDIS_URL") or None,
    )


def _told_more(wanted: StackDefinition, more: Mapping[str, str]) -> StackDefinition:
    """Return the definition of a stack whose services are told more."""
    return replace(wanted, environment={**wanted.environment, **more})


def first_commit(project: Project, target: str, start_from: str) -> str:
    """Return the commit to start from: the one asked for, else the last release, else a parent, else a relabelled tree.

    Raises:
        UsageError: the one asked for does not exist, or is the target itself.
    """
    git = bootstrap.repository(project)
    if start_from:
        commit = git.resolve(start_from)
        return git.relabel(commit) if commit == target else commit
    parents = git.ancestors(target)
    released = (each for each in _released(project) if each in parents)  # a snapshot of another day is none of ours
    return next((each for each in (*released, *parents) if _is_runnable(project, each)), git.relabel(target))


def _released(project: Project) -> tuple[str, ...]:
    """Return what was released to anywhere, newest first."""
    archive = bootstrap.archive(project.root)
    states = [state for name in ("prod", "staging", "local", ENVIRONMENT) for state in archive.releases(name)]
    good = (state for state in states if state.verdict is Verdict.RELEASED)
    return tuple(state.plan.target_commit for state in sorted(good, key=lambda state: state.started_at, reverse=True))


def _is_runnable(project: Project, commit: str) -> bool:
    """Return whether a commit has what an environment and a schema are made from."""
    git = bootstrap.repository(project)
    needed = (*project.artifact.key_files, project.commands.migrations, "gonogo.toml")
    return all(git.has(commit, path) for path in needed)


def _refuse_rate(rate: int) -> None:
    """Raise for a rate that is no steady traffic, or more than one process can send."""
    if not _SLOWEST <= rate <= _FASTEST:
        message = f"--rate {rate} is not between {_SLOWEST} and {_FASTEST} requests a second"
        raise UsageError("rate-out-of-range", message, hint="invoke deploy.rehearse --rate 80")


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """Hold the checkout's rehearsal; the system lets go of it when the process dies, however it dies."""
    project.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.state / "rehearsal.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        message = "another rehearsal of this checkout is running"
        raise LockHeldError("rehearsal-running", message, hint="wait for it, or use another checkout") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _swept(project: Project, *, keep: bool) -> Iterator[None]:
    """Take the stack down afterwards, whatever happened; its logs stay when it did not come up."""
    failed = True
    try:
        yield
        failed = False
    except InterruptedReleaseError as error:
        raise InterruptedReleaseError(error.reference, error.message, hint="invoke deploy.rehearse") from None
    finally:
        if not keep:
            stack.down(directory(project.state, STACK), keep_logs=failed)


@contextmanager
def _staged(project: Project, info: StackInfo, rate: int) -> Iterator[bootstrap.Stage]:
    """Yield the stage on a running stack, with requests running through its front."""
    (info.directory / _RATE_FILE).write_text(f"{rate}\n", encoding="utf-8")
    values = {**stack.environ(info.directory)}
    values.setdefault("SCRATCH_DATABASE_URL", postgres.database_url(values["DATABASE_URL"], "postgres"))
    config = bootstrap.load(project.root, ENVIRONMENT, values)
    plan = traffic.TrafficPlan(
        url=values["API_URL"],
        token=values["API_TOKEN"],
        output=info.directory / "traffic.jsonl",
        rate=rate,
    )
    running = traffic.start(plan)
    try:
        earlier = elders.elders(config)
        yield bootstrap.Stage(config=config, traffic=_Witness(running.output), elders=earlier)
    finally:
        running.stop()


def _rate_of(info: StackInfo) -> int:
    """Return how many requests a second a rehearsal has sent that is gone on with."""
    try:
        return int((info.directory / _RATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return RATE


class _Witness:
    """The requests so far, read on from where the last look ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._seen: list[Request] = []

    is_expected = True

    def requests(self) -> tuple[Request, ...]:
        """Return every request so far, oldest first."""
        found, self._offset = samples.requests_from(self._path, self._offset)
        self._seen.extend(found)
        return tuple(sorted(self._seen, key=lambda request: request.at))


@dataclass(frozen=True, slots=True)
class _Later:
    """The requests that were over after a time."""

    traffic: Traffic
    began_at: float

    @property
    def is_expected(self) -> bool:
        """Return whether requests are sent."""
        return self.traffic.is_expected

    def requests(self) -> tuple[Request, ...]:
        """Return every request so far, oldest first."""
        return tuple(each for each in self.traffic.requests() if each.at >= self.began_at)


@dataclass(frozen=True, slots=True)
class _Dress:
    """Makes a world release one commit, with one thing broken."""

    target: str
    fault: str

    def __call__(self, world: World) -> World:
        """Return the changed world."""
        pinned = replace(world, git=PinnedGit(world.git, self.target))
        return breakage.broken(pinned, self.fault)
