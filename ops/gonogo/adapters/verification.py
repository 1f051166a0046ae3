"""Whether a backup is what was written: everything that can be seen without a server, and all that is wrong with it."""

import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gonogo.adapters import archives, manifests, postgres
from gonogo.errors import GonogoError
from gonogo.model import MANIFEST, Backup, BackupFile

# Clocks of two machines, and of a dump and its manifest.
_SKEW = timedelta(minutes=5)
# A release is named when it is planned, its backup is taken when it goes on: it may have been held or resumed.
_HELD = timedelta(days=7)


def problems(manifest: Path, now: datetime) -> tuple[str, ...]:
    """Return all that is wrong with a backup, in words; nothing when it is what was written.

    Args:
        manifest: of the backup; what belongs to it is found from there.
        now: nothing is from later than this.
    """
    try:
        backup = manifests.read(manifest)
    except GonogoError as error:
        return tuple(f"the manifest is wrong: {each}" for each in error.message.split("; "))
    times = of_times(backup.name, backup.taken_at, now)
    found = [*times, *(_of_folder(backup) if backup.files else _of_file(backup))]
    try:
        return (*found, *_of_archive(backup))
    except GonogoError as error:
        return (*found, error.message)


def sums(folder: Path, paths: tuple[str, ...]) -> dict[str, str]:
    """Return the sha256 of files, some at a time; one that cannot be read has its reason instead."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(paths, pool.map(lambda path: _sum(folder / path), paths), strict=True))


def chain(found: Mapping[str, str]) -> str:
    """Return the digest of a list of files with their digests, as the script writes it."""
    text = "".join(f"{found[path]}  {path}\n" for path in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()


def _sum(path: Path) -> str:
    """Return a file's sha256, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{error.strerror}"


def of_times(name: str, taken_at: datetime | None, now: datetime) -> Iterator[str]:
    """Yield when a backup says that it is from another time than its name, or from the future."""
    if taken_at is None:
        return
    if taken_at > now + _SKEW:
        yield f"it says that it was taken at {taken_at:%F %T}, which is in the future"
    stamp = re.match(r"\d{8}T\d{6}", name)
    if not stamp:
        return
    try:
        named = datetime.strptime(stamp[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        yield f"its name begins with a time that never was: {stamp[0]}"
        return
    if not named - _SKEW <= taken_at <= named + _HELD:
        taken = f"{taken_at:%F %T}"
        yield f"its name says {named:%F %T}, its manifest {taken}: it was renamed, or the manifest changed"


def _of_file(backup: Backup) -> Iterator[str]:
    """Yield what is wrong with the one file of an old backup."""
    yield from _of_one(backup.dump, backup.dump.name, backup.size_bytes)
    if backup.dump.is_file() and (found := _sum(backup.dump)) != backup.sha256:
        yield f"{backup.dump.name} is not what was written: sha256 {found[:12]}, the manifest says {backup.sha256[:12]}"


def _of_folder(backup: Backup) -> Iterator[str]:
    """Yield what is wrong with the files of a folder."""
    said = manifests.name_said(backup.manifest)
    if said != backup.name:
        yield f"the manifest is of {said}, this is {backup.name}: it was swapped, or the folder renamed"
    if backup.dump.is_symlink():
        yield f"{backup.dump.name} is a link to elsewhere"
    yield from of_files(backup.manifest, backup.files, backup.sha256, folders=("dump",))


def of_files(
    manifest: Path, files: Sequence[BackupFile], sha256: str, *, folders: Collection[str] = ()
) -> Iterator[str]:
    """Yield what is wrong with the files of a folder.

    Args:
        manifest: in the folder.
        files: all others, as the manifest says, but the list of sums.
        sha256: the digest of their list.
        folders: that may be there.
    """
    folder = manifest.parent
    yield from sizes(folder, files)
    if manifest.is_symlink():
        yield f"{manifest.name} is a link to elsewhere"
    known = {each.path for each in files} | {MANIFEST, manifests.SUMS, *folders}
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    yield from (f"{path} is in the folder, and not in the manifest" for path in there if path not in known)
    yield from _of_sums(manifest, files, sha256)


def sizes(folder: Path, files: Sequence[BackupFile]) -> Iterator[str]:
    """Yield which files are missing, none, or of another size; they are not read."""
    for each in files:
        yield from _of_one(folder / each.path, each.path, each.size_bytes)


def _of_one(path: Path, name: str, size_bytes: int) -> Iterator[str]:
    """Yield what is wrong with a file without reading it."""
    try:
        seen = path.lstat()
    except OSError as error:
        yield f"{name} is missing" if isinstance(error, FileNotFoundError) else f"{name}: {error.strerror}"
        return
    if stat.S_ISLNK(seen.st_mode):
        yield f"{name} is a link to elsewhere, not a file"
    elif not stat.S_ISREG(seen.st_mode):
        yield f"{name} is not a file"
    elif seen.st_size != size_bytes:
        yield f"{name} has {seen.st_size} bytes, the manifest says {size_bytes}"


def _of_sums(manifest: Path, files: Sequence[BackupFile], sha256: str) -> Iterator[str]:
    """Yield which files are not what was written, by the manifest and by the list that also knows the manifest."""
    folder = manifest.parent
    expected = {each.path: each.sha256 for each in files}
    found = sums(folder, tuple(path for path in expected if (folder / path).is_file()))
    for path, digest in found.items():
        if digest != expected[path]:
            seen = f"sha256 {digest[:12]}" if len(digest) == len(sha256) else digest
            yield f"{path} is not what was written: {seen}, the manifest says {expected[path][:12]}"
    if chain(expected) != sha256:
        yield "the manifest's own sha256 is not that of its files: it was changed after it was written"
    expected[MANIFEST] = _sum(manifest)
    listed = _listed(folder / manifests.SUMS)
    if isinstance(listed, str):
        yield f"{manifests.SUMS}: {listed}"
        return
    for path in sorted(expected.keys() | listed.keys()):
        if expected.get(path) != listed.get(path):
            yield f"{path} is not as {manifests.SUMS} says: one of the two was changed or swapped"


def _listed(path: Path) -> dict[str, str] | str:
    """Return a list of sums by file, or why there is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        return "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
    found = [re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line) for line in lines]
    return {each[2]: each[1] for each in found if each} if all(found) else "a line of it is no sum of a file"


def _of_archive(backup: Backup) -> Iterator[str]:
    """Yield where the dump contradicts the manifest, and where it cannot be read to its end."""
    if not backup.dump.exists():
        yield f"{backup.dump.name} is missing"
        return
    program = postgres.program_for("pg_restore", int((backup.client_version or backup.server_version).split(".")[0]))
    said = archives.listing(program, backup.dump)
    if isinstance(said, str):
        yield f"the dump cannot be read: {said}"
        return
    yield from _of_listing(backup, said)
    yield from (
        f"the dump cannot be read to its end: {each}" for each in archives.decoded(program, backup.dump, said.entries)
    )
    if backup.contents:
        yield from _of_roles(backup)


def _of_listing(backup: Backup, said: archives.Listing) -> Iterator[str]:
    """Yield where a dump says something else than its manifest."""
    if said.server_version != backup.server_version:
        yield f"the dump is of PostgreSQL {said.server_version}, the manifest says {backup.server_version}"
    contents, begun, ended = backup.contents, backup.taken_at, backup.finished_at
    if contents is None or begun is None or ended is None:
        return
    if said.client_version != backup.client_version:
        yield f"pg_dump {said.client_version} wrote the dump, the manifest says {backup.client_version}"
    if said.database != contents.database:
        yield f"the dump is of the database {said.database!r}, the manifest of {contents.database!r}"
    if said.created_at and not begun - _SKEW <= said.created_at <= ended + _SKEW:
        yield f"the dump is from {said.created_at:%F %T}, the manifest says {begun:%F %T}: an old one with a fresh date"
    labels = {archives.spelled(each.schema, each.name, each.owner): each.label for each in contents.tables}
    yield from (f"the dump holds no rows of {labels[each]}" for each in sorted(labels.keys() - set(said.tables)))
    yield from (
        f"the dump holds a table that the manifest does not: {each}"
        for each in sorted(set(said.tables) - labels.keys())
    )


def _of_roles(backup: Backup) -> Iterator[str]:
    """Yield the roles that a restore needs and nothing here would make."""
    contents = backup.contents
    try:
        text = (backup.manifest.parent / "globals.sql").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return  # said already: it is missing, or not what was written
    for role in contents.roles if contents else ():
        if not any(f"CREATE ROLE {name};" in text for name in (role, postgres.quoted(role))):
            yield f"globals.sql does not make the role {role}, which owns or may use something in the dump"
