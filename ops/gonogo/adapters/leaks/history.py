"""The git history looked through once: what was read is remembered by commit, so that the next time only new ones are.

What is remembered holds no secret: commits, paths, lines, and what it looked like. Whether the same values were looked
for is told by a slow, salted hash over all of them together.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gonogo.adapters import processes
from gonogo.adapters.leaks import added
from gonogo.errors import RefusedError
from gonogo.model import Leak, Searched
from gonogo.secrecy.patterns import Pattern
from gonogo.secrecy.sheets import Sheets, Watch

_FORMAT = 1
_SAY_EVERY = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class _Memory:
    """What an earlier search left."""

    tips: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What is looked for."""

    watch: Watch = field(default_factory=lambda: Watch(()))
    patterns: tuple[Pattern, ...] = ()
    salt: bytes = b"patterns"

    @property
    def key(self) -> str:
        """Return what tells whether the same was looked for before."""
        forms = (f"{each.kind} {each.regex.pattern}" for each in self.patterns)
        joined = "\0".join((str(_FORMAT), *self.watch.forms, *forms)).encode()
        return hashlib.scrypt(joined, salt=self.salt, n=2**14, r=8, p=1, dklen=32).hex()


class GitHistory:
    """A repository's history; every commit that a ref leads to."""

    def __init__(self, root: Path, state: Path) -> None:
        """Prepare.

        Args:
            root: the checkout.
            state: where gonogo keeps its own files.
        """
        self._root = root
        self._folder = state / "leaks"

    def known(self, watch: Watch, *, said: Callable[[str], None] = lambda _: None, most: int | None = None) -> Searched:
        """Return where secrets that are in use stand in the history.

        Args:
            watch: the secrets.
            said: told now and then how far it is.
            most: how many commits may be read now; with more of them none is, and a note says so.
        """
        if not watch.forms:
            return Searched()
        return self._search("known", _Wanted(watch=watch, salt=self._salt()), said=said, most=most)

    def unknown(self, patterns: Sequence[Pattern], *, said: Callable[[str], None] = lambda _: None) -> Searched:
        """Return what looks like a secret in the history."""
        return self._search("unknown", _Wanted(patterns=tuple(patterns)), said=said)

    def _search(self, name: str, wanted: _Wanted, *, said: Callable[[str], None], most: int | None = None) -> Searched:
        """Read what is new, and add what was found before in commits that are still there."""
        there = set(self._git("rev-list", "--all", "HEAD").split())
        key = wanted.key
        memory = self._remembered(name, key)
        tips = [tip for tip in memory.tips if tip in there]
        found = [each for each in memory.leaks if each.commit in there]
        if most is not None and (many := self._unread(tips)) > most:
            return Searched(leaks=tuple(found), notes=(f"{many:,} commits were not looked through yet",))
        commits, page = 0, Sheets(watch=wanted.watch, patterns=wanted.patterns, told=found.append)

        def seen(commit: str) -> None:
            nonlocal commits
            del commit
            commits += 1
            if commits % _SAY_EVERY == 0:
                said(f"{commits:,} of {len(there):,} commits read")

        added.read(self._root, tips, take=page.add, seen=seen)
        page.done()
        leaks = tuple(dict.fromkeys(found))
        self._remember(name, key, _Memory(tips=self._tips(), leaks=leaks))
        return Searched(leaks=leaks, commits=commits, known=len(there) - commits, notes=self._notes())

    def _unread(self, tips: Sequence[str]) -> int:
        """Return how many commits are not below some others."""
        stdin = "".join(f"^{tip}\n" for tip in tips)
        return int(self._git("rev-list", "--count", "--all", "HEAD", "--stdin", stdin=stdin))

    def _tips(self) -> tuple[str, ...]:
        """Return what the refs lead to."""
        said = self._git("for-each-ref", "--format=%(objectname) %(objecttype) %(*objectname)").splitlines()
        refs = (words[2] if words[1] == "tag" else words[0] for words in map(str.split, said) if words[1] != "blob")
        return tuple(dict.fromkeys((self._git("rev-parse", "HEAD").strip(), *refs)))

    def _notes(self) -> tuple[str, ...]:
        """Return why not all of the history could be read."""
        if self._git("rev-parse", "--is-shallow-repository").strip() == "true":
            return ("this clone is shallow: older commits were not read (git fetch --unshallow)",)
        return ()

    def _remembered(self, name: str, key: str) -> _Memory:
        """Return what an earlier search for the same left; nothing where it cannot be understood."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            found: Any = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
            if found["key"] == key:
                return _Memory(tips=tuple(found["tips"]), leaks=tuple(Leak(**each) for each in found["leaks"]))
        return _Memory()

    def _remember(self, name: str, key: str, memory: _Memory) -> None:
        """Keep what was found; a search that cannot be kept is only slower the next time."""
        text = json.dumps({"key": key, "tips": memory.tips, "leaks": [asdict(each) for each in memory.leaks]})
        self._write(f"{name}.json", text.encode())

    def _salt(self) -> bytes:
        """Return what the values are hashed with, the same in each run here."""
        with suppress(OSError):
            return (self._folder / "salt").read_bytes()
        salt = secrets.token_bytes(32)
        self._write("salt", salt)
        return salt

    def _write(self, name: str, content: bytes) -> None:
        """Write a file that nobody else may read, whole or not at all."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f"{name}.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_bytes(content)
            draft.replace(self._folder / name)

    def _git(self, *words: str, stdin: str = "") -> str:
        """Run git and return what it printed."""
        result = processes.run(("git", *words), cwd=self._root, env={"LC_ALL": "C"}, stdin=stdin)
        if result.code != 0:
            message = f"git {words[0]} failed: {result.last_words}"
            hint = "run it in a repository with a commit"
            raise RefusedError("git-failed", message, where=self._root.name, hint=hint)
        return result.stdout
