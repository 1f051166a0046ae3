"""A backup as one stream of bytes, and back: a tar archive that any tar can read, the same for the same backup."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from gonogo.adapters import manifests
from gonogo.adapters.vault.index import Subject
from gonogo.errors import RefusedError
from gonogo.model import MANIFEST, Backup

# The archive's first file: what the copy is of, said where nobody can change it without the keys' owners seeing it.
LABEL = "copy.json"
_CHUNK = 1 << 20
_LABEL_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """What came out of a stream.

    Attributes:
        folder: the backup's.
        sums: sha256 by path below the folder.
    """

    subject: Subject
    folder: Path
    sums: dict[str, str]


def size(backup: Backup) -> int:
    """Return how many bytes of files are packed."""
    return sum((backup.manifest.parent / path).stat().st_size for path in _paths(backup))


def packed(backup: Backup, subject: Subject) -> Iterator[bytes]:
    """Yield a backup's archive, piece by piece.

    Raises:
        RefusedError: a file is not what its manifest says.
    """
    label = json.dumps(asdict(subject), sort_keys=True).encode()
    yield from (_head(LABEL, len(label)), label, _fill(len(label)))
    folder, known = backup.manifest.parent, {each.path: each for each in backup.files}
    for path in sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_dir()):
        yield _head(f"{backup.name}/{path}", 0, kind=tarfile.DIRTYPE)
    for path in _paths(backup):
        expected = (known[path].size_bytes, known[path].sha256) if path in known else None
        yield from _file(folder / path, f"{backup.name}/{path}", expected)
    yield bytes(2 * tarfile.BLOCKSIZE)


def unpacked(stream: IO[bytes], folder: Path) -> Unpacked:
    """Write an archive's files below a folder, each of them synced, and return what they are.

    Raises:
        RefusedError: it is not an archive of ours.
        OSError: it cannot be written.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK) as archive:
            return _members(archive, folder)
    except tarfile.TarError as error:
        raise RefusedError("copy-corrupt", f"what is in the copy is cut off, or is no archive: {error}") from None


def problems(found: Unpacked) -> list[str]:
    """Return in words where what came out contradicts its own manifest; nothing when nowhere."""
    try:
        backup = manifests.read(found.folder / MANIFEST)
    except RefusedError as error:
        return [f"the manifest in the copy is wrong: {error.message}"]
    said, subject = manifests.name_said(backup.manifest), found.subject
    told = []
    if said != subject.name or backup.sha256 != subject.backup_sha256:
        told.append(f"the manifest in the copy is of {said}, its label of {subject.name}: it was put together from two")
    if backup.taken_at != datetime.fromisoformat(subject.taken_at):
        told.append(f"the manifest in the copy says {backup.taken_at}, its label {subject.taken_at}")
    expected = {each.path: each.sha256 for each in backup.files}
    told += [f"{path} is missing in the copy" for path in sorted(expected.keys() - found.sums.keys())]
    told += [
        f"{path} is in the copy, and not in its manifest"
        for path in sorted(found.sums.keys() - expected.keys() - {MANIFEST, manifests.SUMS})
    ]
    told += [
        f"{path} in the copy is not what its manifest says"
        for path in sorted(expected.keys() & found.sums.keys())
        if expected[path] != found.sums[path]
    ]
    return told


def _paths(backup: Backup) -> list[str]:
    """Return what a copy holds, below the backup's folder: what its manifest names, and what seals that."""
    folder = backup.manifest.parent
    seals = [path for path in (MANIFEST, manifests.SUMS) if (folder / path).is_file()]
    return [*sorted(each.path for each in backup.files), *seals]


def _head(name: str, length: int, *, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return the header of a file in an archive: nothing of it depends on who packs, or when."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.mode = length, kind, 0o700 if kind == tarfile.DIRTYPE else 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _fill(length: int) -> bytes:
    """Return what fills the last block of a file."""
    return bytes(-length % tarfile.BLOCKSIZE)


def _file(path: Path, name: str, expected: tuple[int, str] | None) -> Iterator[bytes]:
    """Yield a file, and say at its end when it was not the one that the manifest knows."""
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            yield _head(name, length)
            yield from _content(file, name, length, expected)
            yield _fill(length)
    except OSError as error:
        raise RefusedError("backup-corrupt", f"{name} cannot be read: {error.strerror}", where=str(path)) from None


def _content(file: IO[bytes], name: str, length: int, expected: tuple[int, str] | None) -> Iterator[bytes]:
    """Yield so many bytes of a file.

    Raises:
        RefusedError: there are fewer, or others than expected.
    """
    digest, left = hashlib.sha256(), length
    while left and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        yield chunk
    if left or (expected and (length, digest.hexdigest()) != expected):
        raise RefusedError(
            "backup-corrupt",
            f"{name} is not what was written: the manifest says otherwise",
            why="a copy of it would be worth nothing; none was made",
        )


def _members(archive: tarfile.TarFile, folder: Path) -> Unpacked:
    """Write an archive's members, and return what they are."""
    first = archive.next()
    subject = _label(archive, first) if first and first.name == LABEL and first.size <= _LABEL_BYTES else None
    if subject is None:
        raise RefusedError("copy-corrupt", "what is in the copy is not a backup: it does not begin with what it is of")
    root, sums = folder / subject.name, {}
    root.mkdir(mode=0o700)
    while member := archive.next():
        path = PurePosixPath(member.name)
        if not _belongs(path, subject.name) or not (member.isreg() or member.isdir()):
            raise RefusedError("copy-corrupt", f"the copy holds {member.name!r}, which is no file of a backup")
        if member.isdir():
            (folder / path).mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            name = str(path.relative_to(subject.name))
            if name in sums:
                raise RefusedError("copy-corrupt", f"the copy holds {member.name!r} twice")
            sums[name] = _written(archive.extractfile(member), folder / path)
    for each in (*(each for each in root.rglob("*") if each.is_dir()), root, folder):
        sync(each)
    return Unpacked(subject=subject, folder=root, sums=sums)


def _belongs(path: PurePosixPath, name: str) -> bool:
    """Return whether a path is below the backup's folder, and nowhere else."""
    return path.parts[:1] == (name,) and len(path.parts) > 1 and ".." not in path.parts


def _label(archive: tarfile.TarFile, first: tarfile.TarInfo) -> Subject | None:
    """Return what a copy says that it is of; None when it says nothing that can be read."""
    file = archive.extractfile(first)
    try:
        said = Subject(**json.loads(file.read())) if file else None
        return said if said and _belongs(PurePosixPath(said.name, MANIFEST), said.name) else None
    except (ValueError, TypeError):
        return None


def _written(source: IO[bytes] | None, path: Path) -> str:
    """Write a file, sync it, and return its sha256."""
    digest = hashlib.sha256()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while source and (chunk := source.read(_CHUNK)):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def sync(folder: Path) -> None:
    """Have a folder's list of names on its disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
