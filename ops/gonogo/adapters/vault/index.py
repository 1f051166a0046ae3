"""The last small object of a copy: what it is of, and every part of it with size and sha256. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.model import Backup, Copy

FORMAT = 1
SUFFIX = ".json"
_FIELDS: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "format": int,
    "environment": str,
    "name": str,
    "taken_at": str,
    "schema_revision": (str, type(None)),
    "backup_sha256": str,
    "plain_bytes": int,
    "push": str,
    "size_bytes": int,
    "stored_sha256": str,
    "parts": list,
    "sha256": str,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
# Clocks of two machines.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One object of a copy.

    Attributes:
        key: below the place's prefix.
    """

    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a copy is of: the same words stand in its index and, encrypted, in the copy itself.

    Attributes:
        backup_sha256: as the backup's own manifest says.
        plain_bytes: of all that is packed.
    """

    environment: str
    name: str
    taken_at: str
    schema_revision: str | None
    backup_sha256: str
    plain_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """A copy's index.

    Attributes:
        push: of which upload its parts are.
        stored_sha256: of all parts in a row.
    """

    subject: Subject
    push: str
    size_bytes: int
    stored_sha256: str
    parts: tuple[Part, ...]

    @property
    def key(self) -> str:
        """Return where it is kept."""
        return f"{base(self.subject)}{SUFFIX}"

    @property
    def copy(self) -> Copy:
        """Return the copy that it makes whole."""
        return Copy(
            name=self.subject.name,
            key=self.key,
            taken_at=datetime.fromisoformat(self.subject.taken_at),
            size_bytes=self.size_bytes,
            sha256=self.stored_sha256,
            schema_revision=self.subject.schema_revision,
        )


def subject(environment: str, backup: Backup, plain_bytes: int) -> Subject:
    """Return what a copy of a backup is of.

    Raises:
        ValueError: it cannot have a copy.
    """
    if backup.taken_at is None or not backup.files:
        message = f"{backup.name} was written by an earlier version and does not say what is in it"
        raise ValueError(message)
    if not _NAME.fullmatch(backup.name) or not _NAME.fullmatch(environment):
        message = f"{backup.name} of {environment} is no name for an object: letters, digits, . _ - alone"
        raise ValueError(message)
    return Subject(
        environment=environment,
        name=backup.name,
        taken_at=backup.taken_at.astimezone(UTC).isoformat(),
        schema_revision=backup.schema_revision,
        backup_sha256=backup.sha256,
        plain_bytes=plain_bytes,
    )


def base(said: Subject) -> str:
    """Return where a copy's objects are, by the environment and the time of its data in UTC."""
    moment = datetime.fromisoformat(said.taken_at)
    return f"{said.environment}/{moment:%Y/%m/%d}/T{moment:%H%M%S}Z-{said.name}"


def parts_folder(said: Subject, push: str) -> str:
    """Return where the parts of one upload are."""
    return f"{base(said)}.{push}"


def written(index: Index) -> bytes:
    """Return an index as it is stored: sealed with its own sum."""
    said = {
        "format": FORMAT,
        **asdict(index.subject),
        "push": index.push,
        "size_bytes": index.size_bytes,
        "stored_sha256": index.stored_sha256,
        "parts": [asdict(each) for each in index.parts],
    }
    return (json.dumps({**said, "sha256": _seal(said)}, indent=1) + "\n").encode()


def read(content: bytes, key: str, now: datetime) -> Index:
    """Return an index.

    Args:
        content: as it is stored.
        key: where it was found.
        now: nothing is from later than this.

    Raises:
        ValueError: it is none, or not the one that belongs there; in words.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        message = "its index is cut off, or not one of ours"
        raise ValueError(message) from None
    if problem := _form(said):
        raise ValueError(problem)
    index = _index(said)
    if problem := _contradiction(index, key, now):
        raise ValueError(problem)
    return index


def _seal(said: Mapping[str, Any]) -> str:
    """Return the sum of what an index says."""
    text = json.dumps({name: value for name, value in said.items() if name != "sha256"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _form(said: Any) -> str:
    """Return why a document is no index; empty when it is one."""
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        return "its index is not one of ours"
    if said["format"] != FORMAT:
        return f"its index has the format {said['format']}, which is not known here: a newer version wrote it"
    wrong = sorted(
        {name for name, kind in _FIELDS.items() if not isinstance(said.get(name, ...), kind)}
        | said.keys() - _FIELDS.keys()
    )
    if wrong:
        return f"its index was changed: {', '.join(wrong)}"
    parts = all(isinstance(each, dict) and each.keys() == {"key", "size_bytes", "sha256"} for each in said["parts"])
    if not parts or _seal(said) != said["sha256"]:
        return "its index is not what was written: it was changed, or a bit of it flipped"
    return ""


def _index(said: Mapping[str, Any]) -> Index:
    """Return the record of an index that has its form."""
    names = ("environment", "name", "taken_at", "schema_revision", "backup_sha256", "plain_bytes")
    return Index(
        subject=Subject(**{name: said[name] for name in names}),
        push=said["push"],
        size_bytes=said["size_bytes"],
        stored_sha256=said["stored_sha256"],
        parts=tuple(Part(**each) for each in said["parts"]),
    )


def _contradiction(index: Index, key: str, now: datetime) -> str:
    """Return what an index says against itself or its place; empty when nothing."""
    try:
        moment = datetime.fromisoformat(index.subject.taken_at)
        place = index.key
    except ValueError:
        return f"its index says a time that never was: {index.subject.taken_at}"
    if moment.tzinfo is None:
        return "its index says a time without a zone"
    if place != key:
        return f"its index belongs at {place}: it was renamed, or another copy's was put there"
    if moment > now + _SKEW:
        return f"its index says {moment:%F %T}, which is in the future"
    return _of_parts(index)


def _of_parts(index: Index) -> str:
    """Return where an index contradicts itself on its parts."""
    folder = parts_folder(index.subject, index.push)
    if not index.parts or [each.key for each in index.parts] != part_keys(folder, len(index.parts)):
        return "its index names parts of another copy"
    if sum(each.size_bytes for each in index.parts) != index.size_bytes:
        return "its parts are not as long together as its index says"
    return ""


def part_keys(folder: str, count: int) -> list[str]:
    """Return the keys of so many parts."""
    return [part_key(folder, number) for number in range(count)]


def part_key(folder: str, number: int) -> str:
    """Return the key of a part."""
    return f"{folder}/{number:06}.age"


def missing(index: Index, there: Mapping[str, tuple[int, float]]) -> Sequence[str]:
    """Return in words which parts are not there as an index says, by a listing."""
    return [
        f"{each.key} is missing"
        if each.key not in there
        else f"{each.key} has {there[each.key][0]} bytes, the index says {each.size_bytes}"
        for each in index.parts
        if there.get(each.key, (-1, 0.0))[0] != each.size_bytes
    ]
