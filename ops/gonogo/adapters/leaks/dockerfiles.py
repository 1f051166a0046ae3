"""Dockerfiles as a builder reads them: what is copied out of the context, and what stays in the image for good."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

_SECRET_NAME = re.compile(
    r"SECRET|TOKEN|PASSW|(?<!PUBLIC_)(?<!CACHE_)KEY(?!RING|SERVER|S_?URL)|CREDENTIAL|PRIVATE|DSN|^(?:DATABASE|REDIS)_URL$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Instruction:
    """One instruction, its lines joined."""

    line: int
    word: str
    rest: str


def read(text: str) -> tuple[Instruction, ...]:
    """Return a Dockerfile's instructions."""
    return tuple(_instructions(text))


def _instructions(text: str) -> Iterator[Instruction]:
    """Yield instructions; comments between joined lines belong to none."""
    begun, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue
        begun = begun if parts else number
        parts.append(line.rstrip().removesuffix("\\"))
        if not line.rstrip().endswith("\\"):
            word, _, rest = " ".join(parts).strip().partition(" ")
            yield Instruction(line=begun, word=word.upper(), rest=rest.strip())
            parts = []


def copied(instructions: tuple[Instruction, ...]) -> tuple[str, ...]:
    """Return the paths of the context that are copied or added; those out of another stage are none of it."""
    return tuple(
        source.removeprefix("./").strip("/") or "."
        for each in instructions
        if each.word in {"COPY", "ADD"} and "--from=" not in each.rest
        for source in _sources(each.rest)
        if "://" not in source
    )


def _sources(rest: str) -> list[str]:
    """Return what is copied, without options and without where to."""
    words = [word for word in rest.split() if not word.startswith("--")]
    with suppress(ValueError):
        listed = json.loads(" ".join(words))
        if isinstance(listed, list):
            return [str(each) for each in listed[:-1]]
    return words[:-1]


def baked(instructions: tuple[Instruction, ...]) -> Iterator[tuple[Instruction, str]]:
    """Yield what gives a secret to a build, and its variable: it stays in the image, or in its history."""
    for each in instructions:
        if each.word in {"ARG", "ENV"}:
            for name, value in _assigned(each.rest, is_argument=each.word == "ARG"):
                if is_secret_name(name) and (each.word == "ARG" or value):
                    yield each, name


def is_secret_name(name: str) -> bool:
    """Return whether a variable's name says that it holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not re.search(
        r"(_FILE|_PATH|_ID|_TTL|_DAYS|_NAME)$", name, re.IGNORECASE
    )


def _assigned(rest: str, *, is_argument: bool) -> Iterator[tuple[str, str]]:
    """Yield names and values of an ARG or ENV instruction; `ENV NAME value` is its old form."""
    if not is_argument and "=" not in rest.split(" ", 1)[0]:
        name, _, value = rest.partition(" ")
        yield name, value
        return
    for found in re.finditer(r"([A-Za-z_]\w*)(?:=(\"[^\"]*\"|'[^']*'|\S*))?", rest):
        yield found[1], (found[2] or "").strip("\"'")


class Ignored:
    """What `.dockerignore` leaves out of the context: the last line that fits decides."""

    def __init__(self, text: str) -> None:
        """Read the file's text."""
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        self._rules = [(not line.startswith("!"), _expression(line.lstrip("!").strip())) for line in lines]

    def __call__(self, path: str) -> bool:
        """Return whether a file is left out, by itself or with a folder above it."""
        names = [path, *(str(each) for each in PurePosixPath(path).parents if str(each) != ".")]
        ignored = False
        for leaves_out, expression in self._rules:
            if any(expression.fullmatch(name) for name in names):
                ignored = leaves_out
        return ignored


def _expression(line: str) -> re.Pattern[str]:
    """Return a pattern as Go's filepath.Match reads it, with `**` for any folders."""
    text, at = "", 0
    pattern = line.removeprefix("./").strip("/")
    while at < len(pattern):
        if pattern.startswith("**/", at):
            text, at = text + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            text, at = text + ".*", at + 2
        else:
            text, at = text + {"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at])), at + 1
    return re.compile(text)
