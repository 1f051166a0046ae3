"""The frozen records of what stands beside applications: databases, backups, scheduled tasks, notices.

May not do I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model import JSON

RUNNING = "running"
SUCCESS = "success"
FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """A database that Coolify runs.

    Attributes:
        engine: `standalone-postgresql` and the like.
        server_number: its numeric id, which is unique for its engine only.
        password: shown to whoever may see sensitive fields.
    """

    number: int
    uuid: str
    name: str
    engine: str
    server_number: int
    status: str
    created_at: str
    updated_at: str
    user: str = "postgres"
    schema: str = "postgres"
    password: str = ""
    restart_count: int = 0
    started_at: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A backup schedule of a database.

    Attributes:
        databases: names that are dumped, one execution row each.
        upload: how the upload to S3 ends: empty for none, `ok`, or the warning.
    """

    number: int
    uuid: str
    database: str
    frequency: str
    created_at: str
    updated_at: str
    enabled: bool = True
    databases: tuple[str, ...] = ()
    dump_all: bool = False
    upload: str = ""
    timeout: int = 3600
    description: str | None = None
    backup_seconds: float = 1.0
    dump_bytes: int = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupRun:
    """One dump of one database name."""

    number: int
    uuid: str
    schedule: str
    status: str
    database_name: str
    created_at: str
    updated_at: str
    filename: str | None = None
    size: int | None = None
    message: str | None = None
    finished_at: str | None = None
    uploaded: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A scheduled task of an application."""

    number: int
    uuid: str
    app: str
    name: str
    command: str
    frequency: str
    created_at: str
    updated_at: str
    container: str | None = None
    timeout: int = 300
    enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRun:
    """One run of a scheduled task."""

    number: int
    uuid: str
    task: str
    status: str
    started_at: str
    created_at: str
    updated_at: str
    message: str | None = None
    finished_at: str | None = None
    duration: str | None = None
    error_details: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A webhook's body that was sent; Coolify does not sign it."""

    uuid: str
    url: str
    body: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """What a tag or a digest of the registry holds."""

    uuid: str
    commit: str
