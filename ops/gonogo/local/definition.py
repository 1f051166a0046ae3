"""The records of a local stack: what it is made from, what is known about a running one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from gonogo.adapters.checkouts import Checkouts


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The process that a stack is for; the stack ends itself some time after it has died.

    Attributes:
        created: when it was created, seconds since the epoch: a pid alone may be given to another one.
    """

    pid: int
    created: float

    @classmethod
    def this_process(cls) -> "Owner":
        """Return the process that calls."""
        return cls(pid=os.getpid(), created=psutil.Process().create_time())


@dataclass(frozen=True, kw_only=True, slots=True)
class StackDefinition:
    """What a stack is made from.

    In commands `{python}` is the checkout's interpreter, `{port}` the container's port.

    In the values of variables `{xai}`, `{todoist}` and `{telegram}` are the addresses of the providers' stand-ins, and
    `{random}` is a secret of the variable's own.

    Attributes:
        root: where gonogo keeps its own files; the stack lives in `stacks/<name>` below it.
        repository: the git repository that is deployed from.
        first: the commit that is deployed first, 40 hex digits.
        services: start commands; `api` gets the front, `worker` runs beside it.
        migrate: brings the database to the first commit's schema.
        issue_token: prints a new API token, alone, on standard output.
        checkouts: how a commit becomes something that runs.
        environment: variables for every service, beside those that the stack sets itself; a release gets them too.
        ready: path of the service's ready probe.
        workers: path where the service lists its workers.
        database_url: a server to use instead of our own; a database of our own is made on it and dropped in the end.
        redis_url: a server to use instead of our own, as it is.
    """

    root: Path
    name: str
    repository: Path
    first: str
    services: Mapping[str, tuple[str, ...]]
    migrate: tuple[str, ...]
    issue_token: tuple[str, ...]
    checkouts: Checkouts
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/health/ready"
    workers: str = "/health/workers"
    database_url: str | None = None
    redis_url: str | None = None

    @property
    def directory(self) -> Path:
        """Return the stack's folder."""
        return directory(self.root, self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class StackInfo:
    """A running stack; secrets are in `stack.environ` only.

    Attributes:
        url: the front: where the service answers.
        coolify_url: the stand-in, without `/api/v1`.
        applications: uuid by service.
        first: the commit that was deployed first.
        bin_dir: PostgreSQL's programs, of the version that the embedded server has.
        providers: the addresses of the providers' stand-ins, by name.
    """

    name: str
    directory: Path
    url: str
    coolify_url: str
    applications: Mapping[str, str]
    first: str
    bin_dir: Path
    providers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerStatus:
    """One container of a running stack."""

    name: str
    service: str
    commit: str
    state: str
    health: str
    restarts: int
    image: str = ""
    started_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderStatus:
    """One provider's stand-in.

    Attributes:
        faults: the names of those that are switched on.
    """

    name: str
    url: str
    is_up: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StackStatus:
    """What a stack is doing.

    Attributes:
        info: None when there is no complete stack.
        faults: name and commit of each fault that is switched on.
    """

    name: str
    info: StackInfo | None
    postgres: bool
    redis: bool
    coolify: bool
    containers: tuple[ContainerStatus, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    providers: tuple[ProviderStatus, ...] = ()

    @property
    def is_up(self) -> bool:
        """Return whether every part runs."""
        return self.info is not None and self.postgres and self.redis and self.coolify


def directory(root: Path, name: str) -> Path:
    """Return the folder of a stack."""
    return root.resolve() / "stacks" / name
