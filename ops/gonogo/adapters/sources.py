"""Where a backup to be restored comes from: this machine, or the other place; whole and read before it is used."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gonogo.adapters.backups import ScriptBackups
from gonogo.errors import RefusedError, UsageError
from gonogo.model import Backup, Copy, Secret
from gonogo.protocols import Backups, Vault

# What a manifest and the name of its copy may differ by: names have whole seconds.
_SKEW = timedelta(seconds=2)
_HELD = ".held"
Stage = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A backup that was chosen.

    Attributes:
        copy: where it is at the other place; None for the one on this machine.
    """

    name: str
    copy: Copy | None = None


def chosen(backups: Backups, vault: Vault | None, *, environment: str, name: str = "") -> Source:
    """Return the backup of a name, or the newest.

    Args:
        backups: the environment's on this machine.
        vault: the other place; None to look on this machine.
        environment: whose they are.
        name: the backup's; empty for the newest.

    Raises:
        UsageError: there is none.
        RefusedError: there is none at all: nothing could be restored.
        UnreachableError: the other place does not answer.
    """
    where = "at the other place" if vault else "on this machine"
    copies = {each.name: each for each in vault.copies()} if vault else {}
    names = tuple(copies) if vault else backups.names()
    if name and name not in names:
        message = f"there is no backup {name} of {environment} {where}"
        raise UsageError("unknown-backup", message, hint=f"there are: {', '.join(names[-3:]) or 'none'}")
    if not names:
        message = f"there is no backup of {environment} {where}"
        raise RefusedError("no-backup", message, hint=f"invoke backup.run --env {environment}")
    if vault:
        newest = max(copies.values(), key=lambda each: each.taken_at)
        copy = copies[name] if name else newest
        return Source(name=copy.name, copy=copy)
    # The last one written, also where it cannot be read: that is what has to be known.
    return Source(name=name or names[-1])


@contextmanager
def opened(
    backups: Backups, vault: Vault | None, source: Source, *, folder: Path, stage: Stage = lambda _: nullcontext()
) -> Iterator[Backup]:
    """Yield a backup whose files are what was written; what was fetched for it is removed whatever happens.

    Args:
        backups: those on this machine.
        vault: the other place.
        source: which backup.
        folder: where copies are kept while they are used.
        stage: told what is done, and measures it.

    Raises:
        RefusedError: it is not what was written, or was stored.
        UnreachableError: the other place does not answer.
    """
    if source.copy is None or vault is None:
        yield _read(backups, source, stage)
        return
    with private_folder(folder) as place:
        with stage("fetch the copy, and decrypt it"):
            path = vault.fetch(source.copy, place)
        fetched = ScriptBackups((), root=place, folder=path.parent, url=Secret("DATABASE_URL", ""))
        yield _read(fetched, _named(source, path.name), stage)


def _named(source: Source, name: str) -> Source:
    """Return a source whose files say of themselves what they are called.

    Raises:
        RefusedError: they are another backup's.
    """
    if name != source.name:
        message = f"the copy of {source.name} holds {name}: it was swapped"
        raise RefusedError("backup-corrupt", message, hint="drill another one: invoke backup.drill --name NAME")
    return source


def _read(backups: Backups, source: Source, stage: Stage) -> Backup:
    """Return a backup that is what was written."""
    with stage("read the backup"):
        problems = backups.verify(source.name)
        backup = None if problems else backups.find(source.name)
    if backup is None:
        message = "; ".join(problems) or f"{source.name} is gone"
        raise RefusedError("backup-corrupt", message, where=source.name, hint="invoke backup.run")
    taken = backup.taken_at
    if source.copy and taken and abs(taken - source.copy.taken_at) > _SKEW:
        message = (
            f"the copy says {source.copy.taken_at:%F %T}, the backup in it {taken:%F %T}: an old one, a fresh date"
        )
        raise RefusedError("backup-corrupt", message, where=source.name, hint="invoke backup.run")
    return backup


@contextmanager
def private_folder(root: Path) -> Iterator[Path]:
    """Yield a new private folder, gone at the end; what killed processes have left of theirs goes first."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in root.iterdir():
        _swept(left)
    folder = root / f"{os.getpid()}-{secrets.token_hex(3)}"
    # Held before it can be seen as nobody's.
    lock = os.open(root / f"{folder.name}{_HELD}", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        (root / f"{folder.name}{_HELD}").unlink(missing_ok=True)
        os.close(lock)


def _swept(left: Path) -> None:
    """Remove what nobody holds any more: a lock ends with its process."""
    if left.name.endswith(_HELD):
        return
    lock = os.open(left.with_name(f"{left.name}{_HELD}"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(left, ignore_errors=True)
        left.with_name(f"{left.name}{_HELD}").unlink(missing_ok=True)
    finally:
        os.close(lock)
