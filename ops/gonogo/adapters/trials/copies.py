"""Copies of the data on the scratch server: restored once, cloned for each experiment, gone at the end."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo, sql

from gonogo.adapters import processes
from gonogo.adapters.postgres import Postgres, connected, tool_folder
from gonogo.errors import RefusedError
from gonogo.model import Backup, Secret

_NAME = re.compile(r"gonogo_scratch_[a-z0-9]+")
_LONGEST_NAME = 60
# What a database of a trial says of itself, and the lock that whoever tries it holds for as long as they live.
_WORDS = "gonogo trial "
_LOCK_CLASS = 7_283_402
_FILE_COPY_SINCE = 150_000
# Copying files takes two checkpoints, and then a fifth of the time that writing it all to the log does.
_LARGE_BYTES = 64 * 1024 * 1024
_MARKED = """
SELECT d.datname, shobj_description(d.oid, 'pg_database') FROM pg_database d
WHERE starts_with(d.datname, 'gonogo_scratch_') AND starts_with(shobj_description(d.oid, 'pg_database'), %s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A database that may be done anything to.

    Attributes:
        url: where it is; it may hold the scratch server's password.
    """

    name: str
    url: str

    @property
    def secret(self) -> Secret:
        """Return where it is, for whoever must not print it."""
        return Secret("SCRATCH_DATABASE_URL", self.url)


class Copies:
    """The scratch server, as far as one trial may use it."""

    def __init__(self, server: Secret, connection: psycopg.Connection, name: str) -> None:
        """Take a server on which this trial's name is locked."""
        self._server = server
        self._connection = connection
        self.name = name

    @property
    def version(self) -> str:
        """Return the server's version, as it says it."""
        row = self._connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else ""

    @contextmanager
    def original(self, backup: Backup | None) -> Iterator[Copy]:
        """Yield the copy that the others are made from: restored from a backup, or empty.

        Raises:
            RefusedError: the backup cannot be restored.
        """
        self._drop(self.name)
        try:
            if backup is None:
                self._create(self.name, sql.SQL("TEMPLATE template0"))
            else:
                self._demand_extensions(backup)
                Postgres(self._server, scratch_url=self._server).restore(backup, self.name)
                self._mark(self.name)
            yield self._copy(self.name)
        finally:
            self._drop(self.name)

    def clear(self) -> None:
        """Drop the original; its clones say whose they are, and went when this trial's name was locked."""
        self._drop(self.name)

    @contextmanager
    def clone(self, suffix: str) -> Iterator[Copy]:
        """Yield a copy of the original as it is now; nobody may be connected to that meanwhile."""
        name = f"{self.name}{suffix}"
        self._drop(name)
        how = sql.SQL("TEMPLATE {}").format(sql.Identifier(self.name))
        if self._connection.info.server_version >= _FILE_COPY_SINCE and self._size() >= _LARGE_BYTES:
            how += sql.SQL(" STRATEGY file_copy")
        try:
            self._create(name, how)
            yield self._copy(name)
        finally:
            self._drop(name)

    def _demand_extensions(self, backup: Backup) -> None:
        """Refuse a backup that needs what this server does not have."""
        folder = tool_folder(self._connection.info.server_version // 10_000)
        if folder is None:
            return
        listed = processes.run((str(folder / "pg_restore"), "--list", str(backup.dump)), cwd=backup.dump.parent).stdout
        wanted = set(re.findall(r"^\d+; \d+ \d+ EXTENSION - (\S+)", listed, re.MULTILINE))
        there = {name for (name,) in self._connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
        if missing := sorted(wanted - there):
            message = f"the scratch server does not have what the backup needs: {', '.join(missing)}"
            hint = "install the extensions there, or set scratch_url to a server that has them"
            raise RefusedError("extension-missing", message, where=self._server.name, hint=hint)

    def _size(self) -> int:
        row = self._connection.execute("SELECT pg_database_size(%s::name)", [self.name]).fetchone()
        return int(row[0]) if row else 0

    def _create(self, name: str, how: sql.Composable) -> None:
        self._connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), how))
        self._mark(name)

    def _mark(self, name: str) -> None:
        words = sql.Literal(_WORDS + self.name)
        self._connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), words))

    def _drop(self, name: str) -> None:
        _drop(self._connection, name)

    def _copy(self, name: str) -> Copy:
        return Copy(name=name, url=_with_name(self._server.reveal(), name))


@contextmanager
def held(server: Secret, name: str, *, target: Secret | None) -> Iterator[Copies]:
    """Yield the scratch server for one trial; what killed trials have left is dropped first.

    Args:
        server: any database of it; the role may create databases.
        name: of the copy; only one that carries our mark.
        target: what must not be it; None where nothing can be hurt.

    Raises:
        RefusedError: this is not the place for a trial.
        UnreachableError: the server does not answer.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise RefusedError("not-a-scratch", f"{name!r} is not a scratch database of ours")
    if target and _place(server) == _place(target):
        message = "the scratch server is the target itself"
        why = "a trial loads its server, and locks what it finds there"
        raise RefusedError("scratch-is-target", message, where=server.name, why=why, hint="set scratch_url")
    with ExitStack() as stack:
        connection = stack.enter_context(connected(server))
        if not _lock(connection, name):
            raise RefusedError("trial-running", f"another trial works on {name}", where=server.name)
        _sweep(connection)
        yield Copies(server, connection, name)


def _sweep(connection: psycopg.Connection) -> None:
    """Drop the databases of trials whose process is gone: nobody holds their lock any more."""
    for name, words in connection.execute(_MARKED, [_WORDS]).fetchall():
        trial = str(words).removeprefix(_WORDS)
        if _NAME.fullmatch(name) and _lock(connection, trial):
            # Our own name is locked twice now, and given back once.
            _drop(connection, name)
            connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK_CLASS, trial])


def _lock(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCK_CLASS, name]).fetchone()
    return bool(row and row[0])


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database of ours with whoever is connected to it."""
    if not _NAME.fullmatch(name):
        raise RefusedError("not-a-scratch", f"{name!r} is not a scratch database of ours")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _place(url: Secret) -> tuple[str, ...]:
    """Return which database a URL means."""
    given: dict[str, object] = {}
    with suppress(psycopg.ProgrammingError):
        given = dict(conninfo.conninfo_to_dict(url.reveal()))
    words = (given.get("hostaddr") or given.get("host") or "", given.get("port") or 5432, given.get("dbname") or "")
    return tuple(str(word).lower() for word in words)


def _with_name(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
