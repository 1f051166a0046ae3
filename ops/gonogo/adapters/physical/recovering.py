"""Builds a data folder from a chain of backups and the WAL after it, and proves it."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gonogo.adapters.physical import drafts, places, programs, routing, server, starting, verifying
from gonogo.errors import RefusedError
from gonogo.model import Moment, PhysicalBackup, Recovered, RecoveryRoute, RecoveryWish, Secret


def recover(folder: Path, archive: Path | None, wish: RecoveryWish, url: Secret) -> Recovered:
    """Build a data folder, start it once, hold it against what is known, and leave it stopped.

    Raises:
        RefusedError: it cannot be built, or is not what it should be; nothing is left of it.
    """
    began = time.monotonic()
    found = routing.route(folder, archive, wish)
    last = found.chain[-1]
    if problems := verifying.problems(folder, last.name, datetime.now(UTC)):
        why = "what comes of it would not be what was there"
        raise RefusedError(
            "backup-corrupt", "; ".join(problems), where=last.name, why=why, hint="choose another: --name"
        )
    routing.refuse_without_room(found, wish.into)
    with drafts.draft(wish.into.parent, wish.into.name) as path:
        data = path / "data"
        try:
            seen = _built(data, found, wish.moment, archive=archive, timeline=wish.timeline, url=url)
        except OSError as error:
            raise RefusedError(
                "recovery-failed", f"nothing was kept: {error.strerror}", where=str(path.parent)
            ) from None
        is_compared = _compare(found, seen, wish.moment)
        routing.refuse_taken(wish.into)
        drafts.publish(data, wish.into)
    return Recovered(
        into=wish.into,
        chain=tuple(each.name for each in found.chain),
        system_identifier=seen.system_identifier,
        reached_lsn=seen.reached_lsn,
        reached_at=seen.reached_at,
        timeline=seen.timeline,
        schema_revision=seen.counted.revision,
        rows=seen.counted.rows,
        is_compared=is_compared,
        account=(wish.into.stat().st_uid, wish.into.stat().st_gid),
        took_s=time.monotonic() - began,
    )


def _built(
    data: Path, found: RecoveryRoute, moment: Moment, *, archive: Path | None, timeline: int, url: Secret
) -> starting.Seen:
    """Put a chain together, check it, and replay its WAL."""
    last = found.chain[-1]
    needed = (*verifying.PROGRAMS, *starting.PROGRAMS)
    tools = programs.folder(last.major, needed)
    _run((str(tools / "pg_combinebackup"), *(str(each.data) for each in found.chain), "-o", str(data)), data.parent)
    for each in last.folders:
        (data.parent / each).mkdir(parents=True, exist_ok=True, mode=0o700)
    _run((str(tools / "pg_verifybackup"), "--quiet", str(data)), data.parent)
    source = archive if found.wal or not moment.is_backup else None
    seen = starting.see(data, last, moment, archive=source, timeline=timeline, url=url)
    for name in ("postmaster.opts", "backup_label.old", "backup_manifest", "tablespace_map.old"):
        (data / name).unlink(missing_ok=True)
    return seen


def _run(command: tuple[str, ...], where: Path) -> None:
    """Run one of PostgreSQL's programs.

    Raises:
        RefusedError: it failed.
    """
    done = programs.run(command, cwd=where)
    if done.code != 0:
        words = programs.failure(done)
        full = "no space left: " if programs.is_full(done, where) else ""
        name = Path(command[0]).name
        raise RefusedError(
            "recovery-failed", f"{full}{name} says: {words}", where=str(where.parent), why="nothing was kept"
        )


def _compare(found: RecoveryRoute, seen: starting.Seen, moment: Moment) -> bool:
    """Return whether nothing had changed since the manifest's rows were counted, after holding all against it.

    Raises:
        RefusedError: something is not as it has to be.
    """
    wrong, backup = [], found.chain[-1]
    if seen.system_identifier != backup.system_identifier:
        wrong.append(f"it is the cluster {seen.system_identifier}, the backup is of {backup.system_identifier}")
    if seen.reached_lsn < (moment.lsn or _least(found, moment)):
        wrong.append(f"WAL was replayed up to {places.spelled(seen.reached_lsn)} only")
    is_equal = backup.settled_at is not None and seen.counted.settled_at == backup.settled_at
    if is_equal:
        wrong += _changed(backup, seen.counted)
    if wrong:
        why = "it would not bring back what was there"
        raise RefusedError("restore-differs", "; ".join(wrong), where=backup.name, why=why)
    return is_equal


def _least(found: RecoveryRoute, moment: Moment) -> int:
    """Return what has to be replayed: all WAL files where all are wanted, else what the backup needs."""
    last = found.chain[-1]
    if not found.wal or moment.at:
        return last.stop_lsn
    return max(last.stop_lsn, places.number_of(found.wal[-1], last.segment_bytes) * last.segment_bytes)


def _changed(backup: PhysicalBackup, counted: server.Counted) -> Iterator[str]:
    """Yield what is not as the manifest says, although nothing can have changed since."""
    if counted.revision != backup.schema_revision:
        yield f"the schema is at {counted.revision}, the manifest says {backup.schema_revision}"
    for name in sorted(backup.rows.keys() | counted.rows.keys()):
        before, after = backup.rows.get(name, 0), counted.rows.get(name, 0)
        if before is not None and after is not None and before != after:
            yield f"{name} has {after} rows, the manifest counted {before}"


def try_out(folder: Path, name: str, url: Secret) -> tuple[str, ...]:
    """Put a backup's chain together beside it, start it once, and return what is wrong; nothing of it is left."""
    wish = RecoveryWish(into=folder / f"trial-{name}", moment=Moment(is_backup=True), name=name)
    try:
        recover(folder, None, wish, url)
    except RefusedError as error:
        return (error.message,)
    finally:
        shutil.rmtree(wish.into, ignore_errors=True)
    return ()
