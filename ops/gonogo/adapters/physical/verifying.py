"""Whether a physical backup, and all that it builds on, is what was written: everything that is wrong with it."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from gonogo.adapters import verification
from gonogo.adapters.physical import chains, places, programs, records
from gonogo.errors import GonogoError
from gonogo.model import MANIFEST, PhysicalBackup

PROGRAMS = ("pg_verifybackup", "pg_combinebackup", "pg_waldump")
_FROM = re.compile(r"^INCREMENTAL FROM (LSN|TLI): (\S+)$", re.MULTILINE)


def problems(folder: Path, name: str, now: datetime) -> tuple[str, ...]:
    """Return all that is wrong with a backup and its chain, in words; nothing when it is what was written.

    Args:
        folder: that holds all backups.
        name: of the one.
        now: nothing is from later than this.
    """
    path = folder / name
    if not (path / MANIFEST).is_file():
        is_there = path.is_dir()
        missing = f"{name} has no {MANIFEST}: it was copied in part, or is no backup"
        return (missing if is_there else f"there is no backup {name}",)
    try:
        last = records.read(path / MANIFEST)
    except GonogoError as error:
        return tuple(f"the manifest is wrong: {each}" for each in error.message.split("; "))
    try:
        chain = chains.chain(last)
    except GonogoError as error:
        return (*_told(last, now), error.message)
    found = [*(f"{each.name}: {words}" for each in chain[:-1] for words in _told(each, now)), *_told(last, now)]
    return tuple(found) or tuple(_combined(chain))


def _told(backup: PhysicalBackup, now: datetime) -> Iterator[str]:
    """Yield what is wrong with one backup, whatever it builds on."""
    try:
        yield from _of_one(backup, now)
    except (OSError, GonogoError) as error:
        yield getattr(error, "message", "") or f"it cannot be read: {error}"


def _of_one(backup: PhysicalBackup, now: datetime) -> Iterator[str]:
    """Yield what is wrong with one backup: its times, files, manifests, and what PostgreSQL's own program says."""
    known = {str(parent) for each in backup.files for parent in Path(each.path).parents} | set(backup.folders)
    known |= {str(parent) for each in backup.folders for parent in Path(each).parents}
    found = [
        *verification.of_times(backup.name, backup.taken_at, now),
        *verification.of_files(backup.manifest, backup.files, backup.sha256, folders=known),
        *_of_postgres(backup),
    ]
    yield from found
    if found:
        return  # PostgreSQL's program would say it again, in other words
    program = programs.folder(backup.major, PROGRAMS) / "pg_verifybackup"
    done = programs.run((str(program), "--quiet", str(backup.data)), cwd=backup.manifest.parent)
    if done.code != 0:
        yield f"pg_verifybackup says: {programs.failure(done)}"


def _of_postgres(backup: PhysicalBackup) -> Iterator[str]:
    """Yield where our manifest is not of these files, by what PostgreSQL wrote into them."""
    try:
        system, timeline, start, stop = records.own(backup.manifest.parent)
    except ValueError as error:
        yield f"{error}"
        return
    if (system, timeline) != (backup.system_identifier, backup.timeline):
        yield f"the files are of the cluster {system}, timeline {timeline}; the manifest says another"
    if (start, stop) != (backup.start_lsn, backup.stop_lsn):
        yield f"the files need WAL from {places.spelled(start)} to {places.spelled(stop)}, the manifest says otherwise"
    if (backup.kind == "incremental") != bool(_based_on(backup)):
        yield f"the files are not those of a backup of the kind {backup.kind}"


def _combined(chain: tuple[PhysicalBackup, ...]) -> Iterator[str]:
    """Yield why a chain cannot be put together."""
    for parent, child in pairwise(chain):
        wanted = {"LSN": places.spelled(parent.start_lsn), "TLI": str(parent.timeline)}
        if _based_on(child) != wanted:
            yield f"{child.name} holds what has changed since another backup than {parent.name}"
    last = chain[-1]
    program = programs.folder(last.major, PROGRAMS) / "pg_combinebackup"
    into = last.manifest.parent.parent / f".{last.name}.none"
    command = (str(program), "--dry-run", *(str(each.data) for each in chain), "-o", str(into))
    done = programs.run(command, cwd=last.manifest.parent)
    if done.code != 0:
        yield f"pg_combinebackup says: {programs.failure(done)}"


def _based_on(backup: PhysicalBackup) -> dict[str, str]:
    """Return what an incremental backup's files say that they build on; nothing for a full one."""
    text = (backup.data / "backup_label").read_text(encoding="utf-8", errors="replace")
    return {found[1]: found[2] for found in _FROM.finditer(text)}
