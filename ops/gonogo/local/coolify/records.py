"""The frozen records of the stand-in: what Coolify keeps in its database.

May not do I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gonogo.model import JSON

QUEUED = "queued"
IN_PROGRESS = "in_progress"
FINISHED = "finished"
FAILED = "failed"
CANCELLED = "cancelled-by-user"
ACTIVE = (QUEUED, IN_PROGRESS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """How this Coolify is set up; each value may be changed while it runs.

    Attributes:
        version: what `/version` says, and which endpoints there are.
        allowed_ips: addresses or networks; empty lets everybody in.
        rate_limit: requests a minute for one user.
        concurrent_builds: deployments that run at once.
        queue_limit: deployments that may wait.
        keyed_list: whether the list of running deployments is an object instead of an array.
        status_seconds: how often application states are looked at.
        closing_seconds: time between `finished` and the job's real end.
    """

    version: str = "4.3.11"
    api_enabled: bool = True
    allowed_ips: tuple[str, ...] = ()
    rate_limit: int = 200
    concurrent_builds: int = 2
    queue_limit: int = 25
    keyed_list: bool = False
    status_seconds: float = 2.0
    closing_seconds: float = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """An API token.

    Attributes:
        uuid: its number as text.
        digest: sha256 of the whole token.
        user: 0 is the first user, who is throttled by address.
        role: of its user in the team: owner, admin, member; empty when the user has left.
        expires: seconds since the epoch; None for never.
    """

    uuid: str
    digest: str
    abilities: tuple[str, ...]
    user: int = 0
    role: str = "owner"
    expires: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """An application: its columns as the API names them, and its settings."""

    number: int
    uuid: str
    fields: Mapping[str, JSON]
    settings: Mapping[str, JSON]

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.fields["name"])

    def text(self, key: str) -> str | None:
        """Return a column as text; None for null or an empty text."""
        value = self.fields.get(key)
        return str(value) if value not in (None, "") else None

    def number_of(self, key: str) -> int:
        """Return a column as a whole number."""
        return int(str(self.fields[key]))

    @property
    def is_stop_first(self) -> bool:
        """Return whether a deployment stops the old container before it starts the new one."""
        return bool(
            self.text("ports_mappings")
            or self.settings.get("is_consistent_container_name_enabled")
            or self.settings.get("custom_internal_name")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """An environment variable of one scope of an application."""

    number: int
    uuid: str
    app: str
    key: str
    value: str | None
    is_preview: bool
    created_at: str
    updated_at: str
    comment: str | None = None
    is_literal: bool = False
    is_multiline: bool = False
    is_shown_once: bool = False
    is_runtime: bool = True
    is_buildtime: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """A row of the deployment queue."""

    number: int
    uuid: str
    app: str
    commit: str
    status: str
    created_at: str
    updated_at: str
    finished_at: str | None = None
    force_rebuild: bool = False
    restart_only: bool = False
    rollback: bool = False
    is_api: bool = True
    logs: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheck:
    """How a container is probed; times in seconds."""

    path: str
    interval: float
    timeout: float
    retries: int
    start_period: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """A container: what runs, and how.

    Attributes:
        uuid: its name.
        service: the application's name, which decides the command.
        commit: what is really in it, whatever its environment says.
        environment: as it was when the deployment made it.
        health: None when it is not probed.
        serves: whether the proxy sends requests to it.
    """

    number: int
    uuid: str
    app: str
    service: str
    commit: str
    path: Path
    python: Path
    environment: Mapping[str, str]
    health: HealthCheck | None
    serves: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What `docker inspect` would say.

    Attributes:
        state: running, restarting, exited.
        health: none, starting, healthy, unhealthy.
        restarts: how often it was started again.
    """

    state: str
    health: str
    restarts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Switched:
    """A fault that is switched on for the deployments of one commit."""

    name: str
    commit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Everything that survives a restart of the stand-in."""

    server: Server = field(default_factory=Server)
    last_number: int = 0
    tokens: tuple[Token, ...] = ()
    applications: tuple[Application, ...] = ()
    variables: tuple[Variable, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    containers: tuple[Container, ...] = ()
    faults: tuple[Switched, ...] = ()


def container_from(data: Mapping[str, Any]) -> Container:
    """Return a container read from JSON."""
    health = HealthCheck(**data["health"]) if data["health"] else None
    return Container(**{**data, "health": health, "path": Path(data["path"]), "python": Path(data["python"])})


def token_from(data: Mapping[str, Any]) -> Token:
    """Return a token read from JSON."""
    return Token(**{**data, "abilities": tuple(data["abilities"])})


def deployment_from(data: Mapping[str, Any]) -> Deployment:
    """Return a deployment read from JSON."""
    return Deployment(**{**data, "logs": tuple(data["logs"])})


def server_from(data: Mapping[str, Any]) -> Server:
    """Return settings read from JSON."""
    return Server(**{**data, "allowed_ips": tuple(data.get("allowed_ips", ()))})


def snapshot_from(data: Mapping[str, Any]) -> Snapshot:
    """Return a snapshot read from JSON."""
    return Snapshot(
        server=server_from(data["server"]),
        last_number=data["last_number"],
        tokens=tuple(map(token_from, data["tokens"])),
        applications=tuple(Application(**item) for item in data["applications"]),
        variables=tuple(Variable(**item) for item in data["variables"]),
        deployments=tuple(map(deployment_from, data["deployments"])),
        containers=tuple(map(container_from, data["containers"])),
        faults=tuple(Switched(**item) for item in data["faults"]),
    )
