"""Starts a cluster once, for nobody but us, so that it replays its WAL; and says what it then holds."""

import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
from psycopg import conninfo

from gonogo.adapters import processes
from gonogo.adapters.physical import places, programs, server
from gonogo.errors import RefusedError
from gonogo.model import Moment, PhysicalBackup, Secret

PROGRAMS = ("postgres", "pg_controldata", "pg_checksums")
_PATIENCE_S = 24 * 3600.0
_PAUSE_S = 0.1
# A socket's path may have 107 bytes; the server adds its name and that of a lock file.
_LONGEST = 85
# What a server says, or the system for it, as long as it replays WAL.
_NOT_YET = ("starting up", "not accepting connections", "in recovery mode", "No such file", "refused")
# Recovery refuses to go on with less than the primary had.
_CONTROLLED = {
    "max_prepared_xacts": "max_prepared_transactions",
    "max_locks_per_xact": "max_locks_per_transaction",
    "max_worker_processes": "max_worker_processes",
    "max_wal_senders": "max_wal_senders",
}
# Given on the command line, where they win over what ALTER SYSTEM has left in the files.
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "ssl": "off",
    "archive_mode": "off",
    "hot_standby": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_timezone": "UTC",
    "TimeZone": "UTC",
    "lc_messages": "C",
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "max_connections": "20",
    "autovacuum": "off",
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "primary_conninfo": "",
    "archive_cleanup_command": "",
    "recovery_end_command": "",
    "recovery_target_action": "promote",
    "recovery_target_inclusive": "on",
}
_REACHED = """SELECT coalesce(pg_last_wal_replay_lsn(), pg_current_wal_lsn()) - '0/0'::pg_lsn,
    pg_last_xact_replay_timestamp(), (SELECT system_identifier::text FROM pg_control_system()),
    (pg_walfile_name(pg_current_wal_lsn()))"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a cluster held when it had replayed its WAL."""

    reached_lsn: int
    reached_at: datetime | None
    system_identifier: str
    timeline: int
    counted: server.Counted


def account(place: Path) -> tuple[int, int]:
    """Return whom a data folder in a place is to belong to, by user and group: a server refuses to run as root.

    Args:
        place: whoever owns it, if that is not root; else the account postgres.

    Raises:
        RefusedError: there is nobody.
    """
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    owner = place.stat()
    if owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    known = {each.pw_name: each for each in pwd.getpwall()}
    found = known.get("postgres") or known.get("nobody")
    if found is None:
        message = "a database server does not run as root, and there is neither an account postgres nor nobody"
        raise RefusedError("no-account", message, hint="run it as another account")
    return found.pw_uid, found.pw_gid


def see(
    data: Path, backup: PhysicalBackup, moment: Moment, *, archive: Path | None, timeline: int, url: Secret
) -> Seen:
    """Start a cluster, wait until it has reached a moment, and return what it holds; it is stopped then.

    Args:
        data: the data folder; beside it is room for what is needed meanwhile.
        backup: the last of the chain that it is made of.
        moment: where recovery ends.
        archive: where WAL comes from.
        timeline: zero for the newest.
        url: the environment's database, for its name and role.

    Raises:
        RefusedError: it does not come up, or does not reach the moment.
    """
    tools, own = programs.folder(backup.major, PROGRAMS), data.parent
    (data / "recovery.signal").touch(mode=0o600)
    with _sockets(own) as sockets:
        settings = _settings(data, moment, tools, archive=archive, timeline=timeline)
        command = _command(data, tools, sockets, settings)
        _hand_over(own, sockets)
        _refuse_unreachable(data, archive)
        log = own / "server.log"
        with log.open("wb") as said, programs.held(command, cwd=own, said=said.fileno(), env=_environ(own)) as process:
            with _connected(process, sockets, log, backup, url) as connection:
                seen = _seen(connection)
            _stop(data)
            process.wait(_PATIENCE_S)
    _refuse_bad(data, tools)
    return seen


def _settings(data: Path, moment: Moment, tools: Path, *, archive: Path | None, timeline: int) -> dict[str, str]:
    """Return the settings of the one start; those that came with the files are for the place where it will serve."""
    said = processes.run((str(tools / "pg_controldata"), str(data)), cwd=data.parent, env={"LC_ALL": "C"}).stdout
    known = dict(re.findall(r"^(\w+) setting:\s+(\S+)$", said, re.MULTILINE))
    wanted = {name: known[key] for key, name in _CONTROLLED.items() if key in known}
    target = {"recovery_target_timeline": str(timeline or "latest"), "restore_command": _restore(archive)}
    if moment.at:
        target["recovery_target_time"] = f"{moment.at:%Y-%m-%d %H:%M:%S.%f%z}"
    elif moment.lsn is not None:
        target["recovery_target_lsn"] = places.spelled(moment.lsn)
    elif moment.is_backup:
        target["recovery_target"] = "immediate"
    return {**_SETTINGS, **wanted, **target}


def _command(data: Path, tools: Path, sockets: Path, settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return how the server is started, after writing the files that it reads besides."""
    own = data.parent
    files = {"config_file": "", "hba_file": "local all all trust\n", "ident_file": ""}
    for name, text in files.items():
        (own / name).write_text(text, encoding="utf-8")
    given = {**{name: str(own / name) for name in files}, "unix_socket_directories": str(sockets), **settings}
    options = (word for name, value in given.items() for word in ("-c", f"{name}={value}"))
    return (str(tools / "postgres"), "-D", str(data), *options)


def _restore(archive: Path | None) -> str:
    """Return the command that fetches a WAL file."""
    if archive is None:
        return "false"
    place = "'" + str(archive).replace("'", "'\\''").replace("%", "%%") + "'"
    return f"if [ -f {place}/%f.gz ]; then gzip -dc {place}/%f.gz > %p; else cp {place}/%f %p; fi"


@contextmanager
def _sockets(own: Path) -> Iterator[Path]:
    """Yield a folder for the server's socket; a short one elsewhere where ours has a long name."""
    if len(os.fsencode(own)) <= _LONGEST:
        yield own
        return
    # Always the same one for this place, so that what a killed run has left is found.
    short = Path(tempfile.gettempdir()) / f"gonogo-{hashlib.sha256(os.fsencode(own)).hexdigest()[:16]}"
    shutil.rmtree(short, ignore_errors=True)
    short.mkdir(mode=0o700)
    try:
        yield short
    finally:
        shutil.rmtree(short, ignore_errors=True)


def _hand_over(own: Path, sockets: Path) -> None:
    """Give everything to the account that the server runs as."""
    if os.geteuid() != 0:
        return
    user, group = account(own.parent)
    for each in {own, sockets, *own.rglob("*")}:
        os.chown(each, user, group, follow_symlinks=False)


def _environ(own: Path) -> dict[str, str]:
    """Return what makes a program run as the server's account."""
    return {"LEASH_ACCOUNT": "{}:{}".format(*account(own.parent))} if os.geteuid() == 0 else {}


def _refuse_unreachable(data: Path, archive: Path | None) -> None:
    """Refuse when the server's account may not come to the files.

    Raises:
        RefusedError: it may not.
    """
    first = next((each for each in sorted(archive.glob("0*")) if each.is_file()), archive) if archive else data
    for each in (data / "PG_VERSION", first):
        done = programs.run(("sh", "-c", 'test -r "$0"', str(each)), cwd=Path("/"), env=_environ(data.parent))
        if done.code != 0:
            user, _ = account(data.parent.parent)
            message = f"{each} cannot be read by the account {user}, as which the server is started"
            hint = "open the folders above it (chmod o+x), or its group; or run this as the account that owns it"
            raise RefusedError("recovery-failed", message, hint=hint)


@contextmanager
def _connected(
    process: subprocess.Popen[bytes], sockets: Path, log: Path, backup: PhysicalBackup, url: Secret
) -> Iterator[psycopg.Connection]:
    """Wait until a server has reached its moment, and yield a connection to it.

    Raises:
        RefusedError: it ended before.
    """
    user = conninfo.conninfo_to_dict(url.reveal()).get("user") or "postgres"
    place = conninfo.make_conninfo(host=str(sockets), user=str(user), dbname=backup.database, port=5432)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise _ended(log)
        try:
            connection = psycopg.connect(place, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            if not any(each in str(error) for each in _NOT_YET):
                words = " ".join(str(error).split())
                raise RefusedError(
                    "recovery-failed", f"it came up, and {backup.database} cannot be used: {words}"
                ) from None
            time.sleep(_PAUSE_S)
            continue
        with connection:
            yield connection
        return


def _ended(log: Path) -> RefusedError:
    """Return the error of a server that ended before it had reached its moment."""
    text = log.read_text(encoding="utf-8", errors="replace")
    words = re.findall(r"(?:FATAL|PANIC):\s+(.*)", text)
    last = re.findall(r"last completed transaction was at log time (.*)", text)
    if any("before configured recovery target" in each for each in words):
        reached = (
            f"; the last transaction in it is of {last[-1]}" if last else "; no transaction comes after the backup"
        )
        hint = "name an earlier moment, or --to latest"
        return RefusedError("moment-not-reached", f"the WAL ends before that moment{reached}", hint=hint)
    said = words[-1] if words else processes.last_words(text)
    return RefusedError("recovery-failed", f"the server did not come up: {said}", why="nothing was kept")


def _seen(connection: psycopg.Connection) -> Seen:
    """Return what a cluster holds."""
    row = connection.execute(_REACHED).fetchone() or (0, None, "", "0" * 24)
    reached, at, system, name = row
    counted = server.count(connection)
    timeline = places.timeline_of(str(name))
    return Seen(
        reached_lsn=int(reached), reached_at=at, system_identifier=str(system), timeline=timeline, counted=counted
    )


def _stop(data: Path) -> None:
    """Stop a server in order: it writes everything to the disk."""
    pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    psutil.Process(pid).send_signal(signal.SIGINT)


def _refuse_bad(data: Path, tools: Path) -> None:
    """Make a data folder ready to be put in place.

    Raises:
        RefusedError: it was not stopped in order, or a page of it is damaged.
    """
    control = processes.run((str(tools / "pg_controldata"), str(data)), cwd=data.parent, env={"LC_ALL": "C"}).stdout
    state = re.search(r"Database cluster state:\s+(.*)", control)
    if not state or state[1] != "shut down":
        raise RefusedError("recovery-failed", f"it was not stopped in order: {state[1] if state else 'unknown'}")
    if re.search(r"Data page checksum version:\s+[1-9]", control):
        done = programs.run((str(tools / "pg_checksums"), "--check", str(data)), cwd=data.parent)
        if done.code != 0:
            raise RefusedError("recovery-failed", f"a page is damaged: {programs.failure(done)}")
    # Archiving was off: where it will serve, what came to be here is archived first.
    for each in (data / "pg_wal").glob("*.history"):
        mark = data / "pg_wal" / "archive_status" / f"{each.name}.ready"
        if not mark.with_suffix(".done").exists():
            mark.touch(mode=0o600)
            shutil.chown(mark, *account(data.parent.parent))
