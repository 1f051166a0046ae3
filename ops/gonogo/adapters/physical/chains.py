"""Chains of backups: a full one, and those that each hold what has changed since the one before."""

from pathlib import Path

from gonogo.adapters import verification
from gonogo.adapters.physical import records
from gonogo.errors import GonogoError, RefusedError
from gonogo.model import MANIFEST, PhysicalBackup


def names(folder: Path) -> tuple[str, ...]:
    """Return the names of all backups, those whose manifests cannot be read first, then by their time."""
    found = {path.parent.name: path for path in folder.glob(f"[!.]*/{MANIFEST}")}
    return tuple(sorted(found, key=lambda name: (_time_of(found[name]), name)))


def readable(folder: Path) -> list[PhysicalBackup]:
    """Return the backups whose manifests can be read, by their time."""
    found = []
    for name in names(folder):
        try:
            found.append(records.read(folder / name / MANIFEST))
        except GonogoError:
            continue
    return found


def chain(last: PhysicalBackup) -> tuple[PhysicalBackup, ...]:
    """Return a backup with all that it builds on, the full one first.

    Raises:
        RefusedError: one is missing, was changed, or does not fit the next.
    """
    found = [last]
    while found[0].parent is not None:
        found.insert(0, _parent(found[0], {each.name for each in found}))
    return tuple(found)


def _parent(child: PhysicalBackup, seen: set[str]) -> PhysicalBackup:
    """Return what a backup builds on."""
    name = str(child.parent)
    path = child.manifest.parent.parent / name / MANIFEST
    if name in seen:
        raise _broken(child, f"{name} builds on itself")
    if not path.is_file():
        raise _broken(child, f"{name}, which {child.name} builds on, is missing")
    if verification.sums(path.parent, (MANIFEST,))[MANIFEST] != child.parent_sha256:
        raise _broken(child, f"{name} is not the backup that {child.name} builds on: its manifest is another")
    parent = records.read(path)
    if parent.system_identifier != child.system_identifier:
        raise _broken(child, f"{name} is of another cluster than {child.name}")
    if parent.start_lsn >= child.start_lsn or parent.timeline != child.timeline:
        raise _broken(child, f"{name} is not from before {child.name}")
    return parent


def _broken(child: PhysicalBackup, words: str) -> RefusedError:
    """Return the error of a chain that does not hold."""
    why = "an incremental backup alone brings nothing back"
    return RefusedError("chain-broken", words, where=child.name, why=why, hint="invoke backup.run")


def _time_of(manifest: Path) -> str:
    """Return a backup's time; empty for one that cannot be read."""
    try:
        return records.read(manifest).taken_at.isoformat()
    except GonogoError:
        return ""
