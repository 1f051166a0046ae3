"""The files of a checkout: what git does not know yet, and what a build would copy into an image."""

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

from gonogo.adapters import processes
from gonogo.adapters.leaks import dockerfiles
from gonogo.errors import RefusedError
from gonogo.model import Leak
from gonogo.secrecy.sheets import Origin, Sheets

_LARGEST = 5_000_000
_NEVER = {".git", ".gonogo", ".venv", ".nox", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache"}
# Files that hold secrets by their name; an example and a public half are none.
_TELLING = re.compile(
    r"(^|/)(\.env(\.(?!example$|sample$|template$|dist$)[\w.-]+)?|[\w.-]+\.(pem|p12|pfx|jks|keystore|ppk)"
    r"|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass|\.pypirc|\.git-credentials|\.htpasswd|credentials\.json|\.git/config)$"
)
_PUBLIC = re.compile(r"(cacert|ca-bundle|ca-certificates|chain|public)[\w.-]*\.pem$")


def is_telling(path: str) -> bool:
    """Return whether a file holds secrets by its name."""
    return bool(_TELLING.search(path)) and not re.search(
        r"(cacert|ca-bundle|ca-certificates|chain|public)[\w.-]*\.pem$", path
    )


def unknown_to_git(root: Path, sheets: Sheets) -> Iterator[Leak]:
    """Look through what the next `git add --all` would take, and yield files that hold secrets by their name."""
    names = [*_listed(root, "--others", "--exclude-standard"), *_listed(root, "--modified")]
    for name in dict.fromkeys(names):
        _add(sheets, root, name, "tree")
    for name in dict.fromkeys((*names, *_listed(root))):
        if is_telling(name):
            yield Leak(place="tree", what="file that holds secrets by its name", path=name)


def context(root: Path, sheets: Sheets) -> Iterator[Leak]:
    """Look through what builds would copy out of the context, and yield what gives a secret to a build.

    Files that git ignores are in the context of a build on this machine, and not in that of a platform that clones.
    """
    ignored = root / ".dockerignore"
    skip = dockerfiles.Ignored(ignored.read_text(encoding="utf-8") if ignored.is_file() else "")
    sources = set[str]()
    for name in (each for each in _listed(root) if re.search(r"(^|/)Dockerfile[\w.-]*$|\.Dockerfile$", each)):
        path = root / name
        found = dockerfiles.read(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ()
        sources.update(dockerfiles.copied(found))
        for instruction, variable in dockerfiles.baked(found):
            note = "an argument's value stays in the image's history" if instruction.word == "ARG" else ""
            what = f"{instruction.word} {variable}"
            yield Leak(place="dockerfile", what=what, path=name, line=instruction.line, note=note)
    for name in _copied(root, sources) if sources else ():
        if not skip(name):
            _add(sheets, root, name, "context")
            if is_telling(name):
                yield Leak(place="context", what="file that holds secrets by its name", path=name)


def _copied(root: Path, sources: set[str]) -> Iterator[str]:
    """Yield the files that sources name; a folder is copied with all below it."""
    for name in _files(root, root):
        parts = name.split("/")
        above = ("/".join(parts[: count + 1]) for count in range(len(parts)))
        if "." in sources or any(fnmatch.fnmatchcase(each, source) for each in above for source in sources):
            yield name


def _files(root: Path, folder: Path) -> Iterator[str]:
    """Yield every file below a folder; links are not followed."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            if path.name not in _NEVER:
                yield from _files(root, path)
        elif path.is_file():
            yield path.relative_to(root).as_posix()


def _add(sheets: Sheets, root: Path, name: str, place: str) -> None:
    """Take a file that is not too large to be read."""
    path = root / name
    if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
        sheets.add(Origin(place=place, path=name, line=1), path.read_bytes())


def _listed(root: Path, *words: str) -> list[str]:
    """Return the files that git lists."""
    done = processes.run(("git", "ls-files", "-z", *words), cwd=root)
    if done.code != 0:
        raise RefusedError("git-failed", f"git ls-files failed: {done.last_words}", where=root.name)
    return [name for name in done.stdout.split("\0") if name]
