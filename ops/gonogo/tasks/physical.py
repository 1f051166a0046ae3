"""backup.*: physical backups, the WAL between them, and recovery to a moment."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from invoke.context import Context
from invoke.tasks import task

from gonogo.errors import UsageError
from gonogo.tasks import door
from gonogo.tasks.console import Console

_ENV = "the environment, by its name in gonogo.toml (default: prod)"
_JSON = "print one JSON object on standard output; people read standard error"
_INTO = "the data folder to make: not there yet, or empty"
_TO = "a time with its zone (2026-11-21T10:42:00Z), a place in the WAL (0/3000060), latest, or backup"
_NAME = "the last backup of the chain (default: the newest that ends before that moment)"
_TIMELINE = "the timeline to follow, a number (default: the newest)"
_DRY = "say which backups and which WAL it would take, write nothing"
_READ = "also read every file to its end"
_ENGINE = "pg_basebackup"
_LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")


def is_meant(config: Any) -> bool:  # a Config: our records are imported late
    """Return whether an environment's backups are physical ones."""
    return bool(config.target.backups.engine == _ENGINE)


def run(console: Console, config: Any) -> None:  # a Config
    """Take a physical backup, and say what it is."""
    from gonogo import bootstrap

    env = config.target.name
    with console.status(f"backing up the cluster of {env}"):
        backup, reason = bootstrap.take_physical(config)
    why = f": {reason}" if reason else f", what has changed since {backup.parent}"
    console.line(f"{backup.manifest.parent}  {backup.size_bytes:,} bytes  {backup.kind}{why}")
    if config.target.backups.offsite:
        console.line("it stays here: physical backups are not copied to the other place by this tool; docs/backups.md")
    console.line(f"next: invoke backup.verify --name {backup.name} --restore --env {env}")
    console.document(_document(backup))


def tell_all(console: Console, found: Any, now: datetime) -> None:  # a Standing
    """Say which physical backups there are, newest first; nothing where there are none."""
    for each in reversed(found.backups):
        age = (now - each.finished_at).total_seconds() / 3600
        console.line(f"{each.name}  {age:.1f} h  {each.size_bytes:,} bytes  physical, {each.kind}")


def tell_newest(console: Console, found: Any, now: datetime) -> None:  # a Standing
    """Say how many physical backups there are, how old the newest is, and where the WAL after them leads."""
    if found.backups:
        newest = found.backups[-1]
        age = (now - newest.finished_at).total_seconds() / 3600
        console.line(f"{len(found.backups)} physical backups; the newest, {newest.name}, is {age:.1f} h old")
    for each in found.runs:
        console.line(f"WAL archive: {each.first} to {each.last}, {each.count} files without a gap")


def documents(found: Any) -> list[dict[str, Any]]:  # a Standing
    """Return physical backups as JSON, newest first."""
    return [
        {"name": each.name, "kind": each.kind, "finished_at": _told(each.finished_at), "size_bytes": each.size_bytes}
        for each in reversed(found.backups)
    ]


@task(help={"env": _ENV, "read": _READ, "json": _JSON})
def wal(
    c: Context,
    env: str = "prod",
    read: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Say which moments the WAL archive leads to, and its gaps."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.tasks import releasing

        with console.status(f"reading the WAL archive of {env}"):
            facts, backups = bootstrap.wal_facts(releasing.config(env), is_read=read)
        for each in facts.runs:
            console.line(f"{each.first} to {each.last}: {each.count} WAL files without a gap")
        for backup in backups:
            console.line(f"{backup.name}  {backup.kind}  ends {_told(backup.finished_at)}: earliest moment with it")
        if facts.archiver and facts.archiver.last_at:
            console.line(f"last archived: {facts.archiver.last_wal} at {_told(facts.archiver.last_at)}")
        for problem in facts.problems:
            console.line(f"problem: {problem}")
        said = facts.archiver
        console.document(
            {
                "good": not facts.problems,
                "folder": str(facts.folder),
                "runs": [{"first": each.first, "last": each.last, "count": each.count} for each in facts.runs],
                "last_archived": said.last_wal if said else None,
                "last_archived_at": _told(said.last_at) if said and said.last_at else None,
                "problems": list(facts.problems),
            }
        )
        door.leave(1 if facts.problems else 0)


@task(
    help={
        "into": _INTO,
        "to": _TO,
        "env": _ENV,
        "name": _NAME,
        "timeline": _TIMELINE,
        "dry-run": _DRY,
        "json": _JSON,
    }
)
def recover(  # noqa: PLR0913, PLR0917  # Invoke's flags are parameters
    c: Context,
    into: str,
    to: str = "latest",
    env: str = "prod",
    name: str = "",
    timeline: str = "0",
    dry_run: bool = False,  # noqa: FBT001, FBT002
    json: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Build a data folder as it was at a moment, and prove it."""
    del c
    with door.opened(json=json) as console:
        from gonogo import bootstrap
        from gonogo.model import RecoveryWish
        from gonogo.tasks import releasing

        wish = RecoveryWish(
            into=Path(into).absolute(), moment=_moment(to), name=name, timeline=door.number(timeline, "timeline")
        )
        config = releasing.config(env)
        if dry_run:
            _foretell(console, bootstrap.route(config, wish), wish)
            return
        with console.status(f"building {wish.into} from {env}'s backups and WAL"):
            found = bootstrap.recover(config, wish)
        _tell(console, found)


def _moment(text: str) -> Any:  # a Moment
    """Return the moment that a flag names.

    Raises:
        UsageError: it names none.
    """
    from gonogo.model import Moment

    if text in {"latest", "backup"}:
        return Moment(is_backup=text == "backup")
    if found := _LSN.fullmatch(text):
        return Moment(lsn=(int(found[1], 16) << 32) + int(found[2], 16))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        message = f"--to takes {_TO}, not {text!r}"
        raise UsageError("not-a-moment", message) from None
    if at.tzinfo is None:
        message = f"{text} may be one of many moments: it names no zone"
        raise UsageError("not-a-moment", message, hint=f"--to {at.isoformat()}Z for UTC, or with +02:00 behind it")
    return Moment(at=at)


def _foretell(console: Console, route: Any, wish: Any) -> None:  # a RecoveryRoute, a RecoveryWish
    """Say how a recovery would go."""
    for each in route.chain:
        console.line(f"{each.name}  {each.kind}  {each.size_bytes:,} bytes")
    replayed = f"{route.wal[0]} to {route.wal[-1]}, {len(route.wal)} files" if route.wal else "none"
    console.line(f"WAL after them: {replayed}{f'; it ends there: {route.reason}' if route.reason else ''}")
    console.line(f"about {route.needed_bytes >> 20:,} MiB in {wish.into}; nothing was written")
    console.document(
        {
            "into": str(wish.into),
            "chain": [each.name for each in route.chain],
            "wal": list(route.wal),
            "ends_there": route.reason,
            "needed_bytes": route.needed_bytes,
        }
    )


def _tell(console: Console, found: Any) -> None:  # a Recovered
    """Say what was built, and how a person puts it in place."""
    place = f"{found.reached_lsn >> 32:X}/{found.reached_lsn & 0xFFFFFFFF:X}"
    last = (
        f"its last transaction is of {_told(found.reached_at)}" if found.reached_at else "no transaction was replayed"
    )
    rows = sum(each or 0 for each in found.rows.values())
    console.line(f"{found.into}  stopped in order at {place}, timeline {found.timeline}; {last}")
    held = "equal to the manifest, nothing had changed since" if found.is_compared else "other than at the backup"
    console.line(f"schema {found.schema_revision}  {rows:,} rows in {len(found.rows)} tables, {held}")
    console.line(f"built, started once and checked in {found.took_s:.0f} s. Nothing serves it: to put it in place,")
    for number, step in enumerate(_STEPS, 1):
        console.line(f"  {number}. {step.format(into=found.into)}")
    console.document(
        {
            "into": str(found.into),
            "chain": list(found.chain),
            "system_identifier": found.system_identifier,
            "reached_lsn": place,
            "reached_at": _told(found.reached_at) if found.reached_at else None,
            "timeline": found.timeline,
            "schema_revision": found.schema_revision,
            "rows": dict(found.rows),
            "equal_to_manifest": found.is_compared,
            "took_s": round(found.took_s, 1),
            "next": [step.format(into=found.into) for step in _STEPS],
        }
    )


_STEPS = (
    "stop the API and the worker in Coolify, then the database; nothing may write any more",
    "keep the old data: rename its folder in the database's volume, never delete it yet",
    "copy {into} there under the old folder's name: cp -a, or rsync -a from another machine",
    "give it to the container's account: chown -R 999:999 (Debian images) or 70:70 (Alpine), chmod 700",
    "start the database; look into it; then the worker and the API: invoke health.check",
    "take a new full backup at once: the old chain ends at the old timeline: invoke backup.run",
)


def _told(at: datetime) -> str:
    """Return a time for people and programs."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _document(backup: Any) -> dict[str, Any]:  # a PhysicalBackup
    """Return a backup as JSON."""
    return {
        "name": backup.name,
        "kind": backup.kind,
        "parent": backup.parent,
        "manifest": str(backup.manifest),
        "sha256": backup.sha256,
        "size_bytes": backup.size_bytes,
        "server_version": backup.server_version,
        "system_identifier": backup.system_identifier,
        "timeline": backup.timeline,
        "schema_revision": backup.schema_revision,
        "row_counts": dict(backup.rows),
    }
