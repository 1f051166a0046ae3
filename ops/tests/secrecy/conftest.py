"""Repositories of their own for tests of searches."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_PERSON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@localhost",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@localhost",
}


@dataclass(frozen=True)
class Repository:
    """A git repository on disk."""

    root: Path

    def git(self, *words: str, stdin: str | None = None) -> str:
        """Run git there."""
        environ = {**os.environ, **_PERSON}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=environ, input=stdin, text=True, capture_output=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str = "change", **files: str | bytes | None) -> str:
        """Write files (`a__b.py` is `a/b.py`; None deletes), commit them, and return the commit."""
        return self.commit_files(message, [(name.replace("__", "/"), content) for name, content in files.items()])

    def commit_files(self, message: str, files: Sequence[tuple[str, str | bytes | None]]) -> str:
        """Do the same with paths as they are."""
        for name, content in files:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository with one commit."""
    found = Repository(tmp_path / "repository")
    found.root.mkdir()
    found.git("init", "--quiet", "--initial-branch", "main")
    found.commit("first", **{"README.md": "hello\n"})
    return found
