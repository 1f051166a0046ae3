"""Where everything of a stack is kept."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of one stack."""

    directory: Path

    @property
    def lock(self) -> Path:
        """Return the lock that one command holds while it starts or ends the stack; it is beside the folder."""
        return self.directory.with_name(f".{self.directory.name}.lock")

    @property
    def facts(self) -> Path:
        """Return what is known about a complete stack, with its secrets."""
        return self.directory / "stack.json"

    @property
    def orders(self) -> Path:
        """Return what the supervisor is told."""
        return self.directory / "supervisor.json"

    @property
    def owner(self) -> Path:
        """Return the process that the stack is for."""
        return self.directory / "owner.json"

    @property
    def serving(self) -> Path:
        """Return the ports that the supervisor listens on."""
        return self.directory / "serving.json"

    @property
    def coolify(self) -> Path:
        """Return the stand-in's tables."""
        return self.directory / "coolify.json"

    @property
    def processes(self) -> Path:
        """Return the records of processes."""
        return self.directory / "processes"

    @property
    def logs(self) -> Path:
        """Return the folder of logs."""
        return self.directory / "logs"

    @property
    def postgres(self) -> Path:
        """Return the database server's data folder."""
        return self.directory / "postgres" / "data"

    @property
    def redis(self) -> Path:
        """Return Redis's folder."""
        return self.directory / "redis"

    @property
    def checkouts(self) -> Path:
        """Return where worktrees are made."""
        return self.directory / "checkouts"

    @property
    def log_files(self) -> dict[str, Path]:
        """Return the log of each part that is not a container."""
        return {
            "coolify": self.logs / "coolify.log",
            "providers": self.logs / "providers.log",
            "postgres": self.postgres / "server.log",
            "redis": self.redis / "server.log",
        }
