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
        status_stuck: looking at the containers returns nothing, so states keep their last value.
        build_seconds: how long a build or a pull takes at least.
        closing_seconds: time between `finished` and the job's real end.
        reachable: whether Coolify reaches the machine that containers run on.
    """

    version: str = "4.3.11"
    api_enabled: bool = True
    allowed_ips: tuple[str, ...] = ()
    rate_limit: int = 200
    concurrent_builds: int = 2
    queue_limit: int = 25
    keyed_list: bool = False
    status_seconds: float = 2.0
    status_stuck: bool = False
    build_seconds: float = 0.0
    closing_seconds: float = 0.3
    reachable: bool = True


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
    tags: tuple[str, ...] = ()

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
    def is_image(self) -> bool:
        """Return whether it runs a ready-made image instead of building a commit."""
        return self.fields.get("build_pack") == "dockerimage"

    @property
    def image(self) -> str:
        """Return the image that its next deployment pulls, `name:tag`."""
        return f"{self.text('docker_registry_image_name')}:{self.text('docker_registry_image_tag') or 'latest'}"

    @property
    def is_stop_first(self) -> bool:
        """Return whether a deployment stops the old container before it starts the new one."""
        return bool(
            self.text("ports_mappings")
            or self.fields.get("build_pack") == "dockercompose"
            or "--ip" in (self.text("custom_docker_run_options") or "")
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
    """A row of the deployment queue.

    Attributes:
        handed_to: the worker's job that carries it out; None while no work has begun.
    """

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
    is_webhook: bool = False
    handed_to: str | None = None
    logs: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthCheck:
    """How a container is probed; times in seconds.

    Attributes:
        possible: whether there is a port or a command to probe with.
    """

    path: str
    interval: float
    timeout: float
    retries: int
    start_period: float
    possible: bool = True


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
        image: `name:tag`, as it was pulled or built.
        conduct: what it does wrong where containers exist on paper only; empty for nothing.
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
    image: str = ""
    started_at: str = ""
    conduct: str = ""


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
    """A fault that is switched on.

    Attributes:
        commit: it hits deployments of this commit only; empty for all.
        service: it hits this application only; empty for those that it is meant for.
        times: how many more requests it hits; None for all.
        armed_at: seconds since the epoch when it began; None while it waits for its moment.
        server: what it changes about the server while it is armed.
        token: what it changes about every token.
        takes: the ability that it takes from every token.
        gone: the application that it makes invisible.
    """

    name: str
    commit: str = ""
    service: str = ""
    times: int | None = None
    armed_at: float | None = None
    server: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict)
    takes: str = ""
    gone: str = ""
