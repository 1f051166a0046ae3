"""The repository that a release is made from."""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gonogo.adapters import processes
from gonogo.adapters.leaks.history import GitHistory
from gonogo.errors import RefusedError, UsageError
from gonogo.model import GitFacts, Searched, Secret
from gonogo.secrecy.sheets import Watch

# So many commits are read in two or three seconds.
_QUICKLY = 1000

_PERSON = {
    "GIT_AUTHOR_NAME": "gonogo",
    "GIT_AUTHOR_EMAIL": "gonogo@localhost",
    "GIT_COMMITTER_NAME": "gonogo",
    "GIT_COMMITTER_EMAIL": "gonogo@localhost",
}


class GitRepository:
    """A checkout, asked through git."""

    def __init__(
        self, root: Path, *, uv: str, ignored: tuple[str, ...] = (), history: GitHistory | None = None
    ) -> None:
        """Prepare.

        Args:
            root: the checkout.
            uv: path of the uv program.
            ignored: tracked paths that a release itself writes to, so that they do not count as dirty.
            history: what looks for secrets in it; None where nobody asks for that.
        """
        self._history = history
        self._root = root
        self._uv = uv
        self._ignored = ignored

    def facts(self) -> GitFacts:
        """Return what the checkout says about itself."""
        commit = self.resolve("HEAD")
        return GitFacts(
            commit=commit,
            subject=self._git("log", "-1", "--format=%s", commit).strip(),
            dirty=self._dirty(),
            unpushed=self._unpushed(commit),
            lock_is_current=processes.run((self._uv, "lock", "--check", "--offline"), cwd=self._root).code == 0,
            python_pins=self._pins(),
        )

    def resolve(self, ref: str) -> str:
        """Return the 40 hex digits of a ref."""
        result = processes.run(("git", "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"), cwd=self._root)
        if result.code != 0:
            hint = "git log --oneline, and take one of those"
            raise UsageError("unknown-commit", f"git knows no commit {ref!r}", where=self._root.name, hint=hint)
        return result.stdout.strip()

    def snapshot(self) -> str:
        """Return a commit that holds the working tree as it is, without touching the tree, the index or a ref."""
        with tempfile.TemporaryDirectory(prefix="gonogo-index-") as folder:
            environ = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", "HEAD", env=environ)
            self._git("add", "--all", env=environ)
            tree = self._git("write-tree", env=environ).strip()
        return self.commit_tree(tree, "Working tree, not committed")

    def leaked(self, secrets: Sequence[Secret]) -> Searched:
        """Return where secrets that are in use stand in the history, as far as that is quickly said."""
        watch = Watch(secrets)
        return self._history.known(watch, most=_QUICKLY) if self._history else Searched()

    def relabel(self, commit: str) -> str:
        """Return another commit with the same files: the same tree under another version."""
        tree = self._git("rev-parse", f"{commit}^{{tree}}").strip()
        return self.commit_tree(tree, "The same files under another version")

    def with_file(self, commit: str, path: str, text: str) -> str:
        """Return another commit that has one file more."""
        with tempfile.TemporaryDirectory(prefix="gonogo-index-") as folder:
            environ = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", commit, env=environ)
            blob = self._git("hash-object", "-w", "--stdin", stdin=text).strip()
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=environ)
            tree = self._git("write-tree", env=environ).strip()
        return self.commit_tree(tree, f"With {path}")

    def commit_tree(self, tree: str, message: str) -> str:
        """Return a commit of a tree on top of HEAD that no ref names; the same tree gives the same commit."""
        at = self._git("log", "-1", "--format=%cI", "HEAD").strip()
        environ = {**_PERSON, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        return self._git("commit-tree", tree, "-p", "HEAD", "-m", message, env=environ).strip()

    def ancestors(self, commit: str, limit: int = 50) -> tuple[str, ...]:
        """Return the first parents of a commit, nearest first, without itself."""
        said = self._git("rev-list", "--first-parent", f"--max-count={limit + 1}", commit).split()
        return tuple(said[1:])

    def has(self, commit: str, path: str) -> bool:
        """Return whether a commit has a file."""
        return processes.run(("git", "cat-file", "-e", f"{commit}:{path}"), cwd=self._root).code == 0

    def _dirty(self) -> tuple[str, ...]:
        """Return the paths with uncommitted changes."""
        said = self._git("status", "--porcelain", "--untracked-files=all", "-z")
        paths = [entry[3:] for entry in said.split("\0") if entry[2:3] == " "]
        return tuple(path for path in paths if path not in self._ignored)

    def _unpushed(self, commit: str) -> bool:
        """Return whether remotes exist and none of their branches has the commit."""
        if not self._git("remote").strip():
            return False
        return not self._git("branch", "--remotes", "--contains", commit).strip()

    def _pins(self) -> dict[str, str]:
        """Return the Python version that each file names."""
        pins = {}
        version_file = self._root / ".python-version"
        if version_file.is_file():
            pins[".python-version"] = version_file.read_text(encoding="utf-8").split()[0]
        for name in self._git("ls-files", "--", "*Dockerfile*").split():
            text = (self._root / name).read_text(encoding="utf-8") if (self._root / name).is_file() else ""
            found = re.search(r"^(?:FROM|ARG PYTHON_VERSION=?)\s*(?:python:)?(\d+\.\d+(?:\.\d+)?)", text, re.MULTILINE)
            if found:
                pins[name] = found.group(1)
        return pins

    def _git(self, *words: str, env: dict[str, str] | None = None, stdin: str = "") -> str:
        """Run git and return what it printed."""
        result = processes.run(("git", *words), cwd=self._root, env={**(env or {}), "LC_ALL": "C"}, stdin=stdin)
        if result.code != 0:
            message = f"git {words[0]} failed: {result.last_words}"
            raise RefusedError("git-failed", message, where=os.fspath(self._root.name))
        return result.stdout
