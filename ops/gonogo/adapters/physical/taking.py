"""Takes a physical backup: a full one, or what has changed since the last."""

import errno
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gonogo.adapters import postgres, verification
from gonogo.adapters.manifests import SUMS
from gonogo.adapters.physical import chains, drafts, places, programs, records, server
from gonogo.errors import GonogoError, RefusedError, UnreachableError
from gonogo.model import MANIFEST, BackupPolicy, PhysicalBackup, Secret

_SPARE_BYTES = 64 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A backup, and why it is of its kind.

    Attributes:
        reason: why it is a full one; empty for an incremental one.
    """

    backup: PhysicalBackup
    reason: str


def take(url: Secret, folder: Path, name: str, policy: BackupPolicy) -> Taken:
    """Take a backup, and return what its manifest says.

    Raises:
        NoGoError: the server is not set up for it.
        RefusedError: it could not be taken; nothing is left of it.
        UnreachableError: the database was not there, or not there any more.
    """
    state = server.ready(url, incrementals=policy.keep_incrementals > 0, archives=policy.wal is not None)
    program = programs.folder(state["major"], ("pg_basebackup",)) / "pg_basebackup"
    if (folder / name).exists():
        raise RefusedError("backup-failed", f"{name} is there already", where=str(folder))
    with drafts.draft(folder, name) as path:
        made = path / name
        made.mkdir(mode=0o700)
        try:
            parent, reason = _parent(folder, state, policy)
            _refuse_without_room(url, made, state, parent)
            taken_at, counted = datetime.now(UTC), _counted(url)
            if not _copy(url, program, made, parent):
                parent, reason = None, "the server has no summaries any more of the WAL since the last backup"
                _copy(url, program, made, parent)
            _write(made, state, counted, parent, taken_at)
        except OSError as error:
            raise _failed(f"{error.strerror}", made, is_full=error.errno in _FULL) from None
        drafts.publish(made, folder / name, MANIFEST, SUMS)
    return Taken(backup=records.read(folder / name / MANIFEST), reason=reason)


def _parent(folder: Path, state: Mapping[str, Any], policy: BackupPolicy) -> tuple[PhysicalBackup | None, str]:
    """Return what the next backup builds on, or why it is a full one."""
    if policy.keep_incrementals == 0:
        return None, "keep_incrementals is 0"
    found = chains.readable(folder)
    if not found:
        return None, "there is none to build on"
    why = _unfit(found[-1], state, policy)
    return (None, why) if why else (found[-1], "")


def _unfit(last: PhysicalBackup, state: Mapping[str, Any], policy: BackupPolicy) -> str:
    """Return why nothing more is built on a backup; empty when it can be."""
    try:
        chain = chains.chain(last)
    except GonogoError as error:
        return f"the last one cannot be built on: {error.message}"
    lost = [f"{each.name}: {words}" for each in chain for words in verification.sizes(each.manifest.parent, each.files)]
    age = datetime.now(UTC) - chain[0].taken_at
    is_other = (last.system_identifier, last.timeline) != (state["system_identifier"], state["timeline"])
    reasons = {
        f"{last.name} is of another cluster, or from before a recovery": is_other,
        f"{len(chain) - 1} incremental ones follow {chain[0].name}": len(chain) > policy.keep_incrementals,
        f"{chain[0].name} is {age.days} days old": age >= timedelta(days=policy.full_days),
        f"the last one cannot be built on: {next(iter(lost), '')}": bool(lost),
    }
    return next((words for words, holds in reasons.items() if holds), "")


def _refuse_without_room(url: Secret, path: Path, state: Mapping[str, Any], parent: PhysicalBackup | None) -> None:
    """Refuse when the disk has less room than a backup takes.

    Raises:
        RefusedError: it has.
    """
    whole = int(state["cluster_bytes"])
    needed = min(whole, server.since(url, parent.start_lsn)) if parent else whole
    needed, free = needed + _SPARE_BYTES, shutil.disk_usage(path).free
    if free < needed:
        message = f"{free >> 20} MiB are free, about {needed >> 20} MiB are needed for a cluster of {whole >> 20} MiB"
        raise RefusedError(
            "backup-failed", message, where=str(path.parent.parent), hint="free space, then run it again"
        )


def _counted(url: Secret) -> server.Counted:
    """Return what the environment's database holds."""
    with postgres.connected(url) as connection:
        return server.count(connection)


def _copy(url: Secret, program: Path, made: Path, parent: PhysicalBackup | None) -> bool:
    """Copy the cluster's files, and the WAL written meanwhile; False when the server cannot say what has changed.

    Raises:
        RefusedError: the program failed.
        UnreachableError: the server was lost.
    """
    data = made / records.DATA
    command: tuple[str, ...] = (
        str(program),
        "-D",
        str(data),
        "-X",
        "stream",
        "-c",
        "fast",
        "--no-password",
        "-l",
        f"gonogo {made.name}",
    )
    if parent:
        command = (*command, f"--incremental={parent.data / 'backup_manifest'}")
    done = programs.run(command, cwd=made, env={**postgres.client_environ(url), "PGAPPNAME": "gonogo"})
    if done.code == 0:
        return True
    words, is_full = programs.failure(done), programs.is_full(done, made)
    drafts.remove(data)
    if parent and "WAL summaries" in words:
        return False
    if "server closed the connection" in done.stderr or "connection to server" in words:
        raise UnreachableError("database-unreachable", f"the database was lost: {words}", where=url.name)
    raise _failed(words, made, is_full=is_full)


def _write(
    made: Path,
    state: Mapping[str, Any],
    counted: server.Counted,
    parent: PhysicalBackup | None,
    taken_at: datetime,
) -> None:
    """Write the manifest and the list of sums."""
    system, timeline, start, stop = records.own(made)
    digest = verification.sums(parent.manifest.parent, (MANIFEST,))[MANIFEST] if parent else None
    said = {
        "name": made.name,
        "kind": "incremental" if parent else "full",
        "parent": parent.name if parent else None,
        "parent_sha256": digest,
        "taken_at": f"{taken_at:%Y-%m-%dT%H:%M:%SZ}",
        "finished_at": f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}",
        "cluster_bytes": int(state["cluster_bytes"]),
        "server_version": state["version"],
        "system_identifier": system,
        "timeline": timeline,
        "start_lsn": places.spelled(start),
        "stop_lsn": places.spelled(stop),
        "segment_bytes": int(state["segment_bytes"]),
        "database": state["database"],
        "schema_revision": counted.revision,
        "rows": dict(counted.rows),
        "settled_at": counted.settled_at,
    }
    records.write(made, said)


def _failed(words: str, made: Path, *, is_full: bool) -> RefusedError:
    """Return the error of a backup that could not be taken."""
    where = str(made.parent.parent)
    if is_full:
        message = f"no space left in {where}: {words}; earlier backups are as they were"
        return RefusedError("backup-failed", message, hint="free space, then run it again")
    return RefusedError("backup-failed", f"the backup failed, nothing was kept: {words}", where=where)
