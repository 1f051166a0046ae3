"""Commits as folders with their own locked environments.

A folder is a git worktree; its environment is shared with every commit whose lock files are equal. Safe for two
processes at once; what a killed one left half-way is made again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import uv
from filelock import FileLock

from gonogo.errors import RefusedError
from gonogo.model import Checkout

BUILD_FILE = "build.json"
_LOCK_SECONDS = 600
_READY = ".gonogo-ready"
# Git's own variables would point it at another repository when we run inside one of its hooks.
_FOREIGN = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


class Checkouts:
    """Every checkout below one folder.

    Attributes:
        repository: the git repository that the commits are in.
        root: worktrees are kept in `trees/` below it.
        environment: the command that installs an environment, run in the checkout with UV_PROJECT_ENVIRONMENT set;
            empty means the interpreter that runs us.
        key_files: the files that decide what it installs, relative to the checkout.
        environments: where environments are kept; `envs/` below the root unless told.
    """

    def __init__(
        self,
        *,
        repository: Path,
        root: Path,
        environment: tuple[str, ...],
        key_files: tuple[str, ...],
        environments: Path | None = None,
    ) -> None:
        """Remember where everything is; nothing is touched yet."""
        self.repository = repository
        self.root = root
        self.environment = environment
        self.key_files = key_files
        self.environments = environments or root / "envs"

    def below(self, root: Path) -> "Checkouts":
        """Return the same with its own worktrees and the same environments, so that each can be released alone."""
        return Checkouts(
            repository=self.repository,
            root=root,
            environment=self.environment,
            key_files=self.key_files,
            environments=self.environments,
        )

    def provide(self, commit: str) -> Checkout:
        """Return a commit's checkout, made when it is not there yet.

        Args:
            commit: 40 hex digits.

        Raises:
            RefusedError: git does not know the commit, or its environment cannot be installed.
        """
        tree = self.root / "trees" / commit
        with self._lock("trees"):
            if _built_commit(tree) != commit:
                self._make_tree(tree, commit)
        return Checkout(commit=commit, path=tree, python=self._python(tree))

    def environment_of(self, folder: Path) -> Path:
        """Return the interpreter that a folder's key files decide on, its environment installed when it is not there.

        Args:
            folder: any tree of the project, with changes that no commit has, too.

        Raises:
            RefusedError: it cannot be installed.
        """
        return self._python(folder)

    def release(self) -> None:
        """Remove every worktree below the root and git's notes about them; environments stay."""
        if not self.root.exists():
            return
        with self._lock("trees"):
            shutil.rmtree(self.root / "trees", ignore_errors=True)
            self._prune()
        shutil.rmtree(self.root / "locks", ignore_errors=True)
        with suppress(OSError):
            self.root.rmdir()

    def _lock(self, name: str) -> FileLock:
        path = self.root / "locks" / f"{name}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path, timeout=_LOCK_SECONDS)

    def _prune(self) -> None:
        with suppress(RefusedError):
            self._git("worktree", "prune")

    def _git(self, *arguments: str) -> None:
        # A project's hooks are for people at work in it, not for copies made to run.
        words = ("git", "-C", str(self.repository), "-c", "core.hooksPath=/dev/null", *arguments)
        _run(words, self.repository, environment=_environment())

    def _make_tree(self, tree: Path, commit: str) -> None:
        if tree.exists():
            shutil.rmtree(tree)
            self._prune()
        tree.parent.mkdir(parents=True, exist_ok=True)
        # Twice forced: git may still remember a worktree at this path, and may have locked it while it was made.
        self._git("worktree", "add", "--force", "--force", "--detach", "--quiet", str(tree), commit)
        # Written last: its presence says that the tree is complete.
        _write_whole(tree / BUILD_FILE, json.dumps({"commit": commit, "build_id": uuid4().hex}))

    def _python(self, tree: Path) -> Path:
        if not self.environment:
            return Path(sys.executable)
        home = self.environments / self._key(tree)
        home.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(home.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            if not _is_ready(home):
                self._install(home, tree)
        return home / "bin" / "python"

    def _install(self, home: Path, tree: Path) -> None:
        shutil.rmtree(home, ignore_errors=True)
        environment = {**_environment(), "UV_PROJECT_ENVIRONMENT": str(home)}
        _run(_command(self.environment), tree, environment=environment)
        (home / _READY).touch()

    def _key(self, tree: Path) -> str:
        digest = hashlib.sha256(repr((self.environment, sys.version_info[:2])).encode())
        for name in self.key_files:
            path = tree / name
            digest.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"\0absent"))
        return digest.hexdigest()[:20]


def _built_commit(tree: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((tree / BUILD_FILE).read_text(encoding="utf-8"))["commit"])
    return None


def _is_ready(home: Path) -> bool:
    # The interpreter may be a link to one that was removed since.
    return (home / _READY).exists() and (home / "bin" / "python").exists()


def _write_whole(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _command(command: tuple[str, ...]) -> tuple[str, ...]:
    """Find uv in our own environment: it need not be on PATH."""
    return (uv.find_uv_bin(), *command[1:]) if command[0] == "uv" else command


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}


def _run(command: tuple[str, ...], cwd: Path, *, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-5:])
        raise RefusedError(
            "checkout-failed",
            f"{Path(command[0]).name} {command[-1]} ended with {done.returncode}: {said}",
            where=str(cwd),
            why="without the commit's own files and environment nothing of it can run",
            hint="git fetch --all",
        )
