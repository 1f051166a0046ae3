"""Git repositories of a test's own."""

import subprocess
from pathlib import Path

_WHO = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")


def created(path: Path) -> Path:
    """Make an empty repository."""
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    return path


def commit(path: Path, subject: str, **files: str) -> str:
    """Commit files, the only changes, and return the commit; `a__b` as a name stands for `a.b`."""
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--allow-empty", "--message", subject)
    return git(path, "rev-parse", "HEAD")


def git(path: Path, *words: str) -> str:
    """Run git as nobody in particular and return what it printed."""
    done = subprocess.run(("git", "-C", str(path), *_WHO, *words), check=True, capture_output=True, text=True)
    return done.stdout.strip()
