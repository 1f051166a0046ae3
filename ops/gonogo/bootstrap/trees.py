"""The repository that releases are made from, and its commits as checkouts."""

from uv import find_uv_bin

from gonogo.adapters.checkouts import Checkouts
from gonogo.adapters.git import GitRepository
from gonogo.adapters.leaks.history import GitHistory
from gonogo.adapters.migrations import read_history
from gonogo.model import Project


def repository(config: Project) -> GitRepository:
    """Return the repository that releases are made from."""
    ignored = (str(config.log.relative_to(config.root)),) if config.log else ()
    history = GitHistory(config.root, config.state)
    return GitRepository(config.root, uv=find_uv_bin(), ignored=ignored, history=history)


def checkouts(config: Project) -> Checkouts:
    """Return the checkouts of commits, kept below gonogo's own folder."""
    return Checkouts(
        repository=config.root,
        root=config.state / "checkouts",
        environment=config.artifact.environment,
        key_files=config.artifact.key_files,
    )


def head(found: Project, commit: str) -> str:
    """Return the newest revision of a commit's migrations."""
    history = read_history(checkouts(found).provide(commit), found.commands.migrations)
    return history.heads[0]
