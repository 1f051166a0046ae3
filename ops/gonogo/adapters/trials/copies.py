"""Copies of the data on the scratch server: restored once, cloned for each experiment, gone at the end."""

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from gonogo.adapters import apart, capture_extensions, claims, contents, processes
from gonogo.adapters.postgres import Postgres, connected, emptiness, program_for
from gonogo.errors import GonogoError, RefusedError
from gonogo.model import Backup, Secret

_LONGEST_NAME = 60
_FILE_COPY_SINCE = 150_000
# Copying files takes two checkpoints, and then a fifth of the time that writing it all to the log does.
_LARGE_BYTES = 64 * 1024 * 1024
# What pg_restore makes for roles by their names, beside owners and privileges, which it can leave out by itself.
_OF_ROLES = re.compile(r"^\d+; \d+ \d+ (?:POLICY|USER MAPPING) .*\n", re.MULTILINE)
_OF_EXTENSION = r"^\d+; \d+ \d+ (?:EXTENSION -|COMMENT - EXTENSION) %s\b.*\n"


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

    def __init__(self, server: Secret, connection: psycopg.Connection, name: str, *, note: str = "") -> None:
        """Take a server on which this trial's name is locked, and what there is to say of it."""
        self._server = server
        self._connection = connection
        self._stood_in: tuple[str, ...] = ()
        self.name = name
        self.note = note

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
                self._restore(backup)
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

    @property
    def stood_in(self) -> tuple[str, ...]:
        """Return the extensions of the backup that something stands in for on the copies."""
        return self._stood_in

    def missing_roles(self, backup: Backup) -> list[str]:
        """Return the roles that own or may use something in a backup and are not on this server."""
        wanted = backup.contents.roles if backup.contents else ()
        return sorted(set(wanted) - contents.roles(self._connection))

    def _restore(self, backup: Backup) -> None:
        """Make the original from a backup: its tables and rows, of whichever owner; it was proven elsewhere.

        Raises:
            RefusedError: it cannot be restored here.
        """
        entries = self._entries(backup)
        self._stood_in = self._lacking(re.findall(r"^\d+; \d+ \d+ EXTENSION - (\S+)", entries, re.MULTILINE))
        # Marked before it holds anything: whoever is killed meanwhile leaves what the next one knows as ours.
        self._create(self.name, emptiness(backup))
        self._stand_in()
        server = Postgres(self._server, scratch_url=self._server)
        wanted = _OF_ROLES.sub("", entries) if self.missing_roles(backup) else entries
        for extension in self._stood_in:
            wanted = re.sub(_OF_EXTENSION % re.escape(extension), "", wanted, flags=re.MULTILINE)
        if wanted == entries:
            server.fill(backup, self.name)
            return
        with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as chosen:
            chosen.write(wanted)
            chosen.flush()
            server.fill(backup, self.name, "--use-list", chosen.name)

    def _stand_in(self) -> None:
        """Make what stands in for extensions that the server lacks, in the schema that they are in by default."""
        if self._stood_in:
            with psycopg.connect(self._copy(self.name).url, autocommit=True) as connection:
                for extension in self._stood_in:
                    capture_extensions.stand_in(extension, "public.", lambda sql: connection.execute(sql.encode()))

    def _entries(self, backup: Backup) -> str:
        """Return what pg_restore lists of a dump.

        Raises:
            RefusedError: it cannot be read.
        """
        made_by = int((backup.client_version or backup.server_version).partition(".")[0])
        program = program_for("pg_restore", max(made_by, self._connection.info.server_version // 10_000))
        listed = processes.run((program, "--list", str(backup.dump)), cwd=backup.dump.parent)
        if listed.code != 0:
            message = f"{backup.name} cannot be restored: {listed.last_words}"
            raise RefusedError("backup-not-restorable", message, hint="invoke backup.run")
        return listed.stdout

    def _lacking(self, wanted: Collection[str]) -> tuple[str, ...]:
        """Return what this server does not have and something can stand in for; refuse a backup that needs more."""
        missing = contents.lacking(self._connection, frozenset(wanted))
        if hopeless := sorted(missing - capture_extensions.RESTORABLE):
            message = f"the scratch server does not have what the backup needs: {', '.join(hopeless)}"
            hint = "install the extensions there, or set scratch_url to a server that has them"
            raise RefusedError("extension-missing", message, where=self._server.name, hint=hint)
        return tuple(sorted(missing))

    def _size(self) -> int:
        row = self._connection.execute("SELECT pg_database_size(%s::name)", [self.name]).fetchone()
        return int(row[0]) if row else 0

    def _create(self, name: str, how: sql.Composable) -> None:
        claims.create(self._connection, name, how, self.name)

    def _drop(self, name: str) -> None:
        claims.drop(self._connection, name)

    def _copy(self, name: str) -> Copy:
        return Copy(name=name, url=_with_name(self._server.reveal(), name))


@contextmanager
def held(server: Secret, name: str, *, target: Secret | None, may_share: bool = False) -> Iterator[Copies]:
    """Yield the scratch server for one trial; what killed trials have left is dropped first.

    Args:
        server: any database of it; the role may create databases.
        name: of the copy; only one that carries our mark.
        target: whose server must not be it; None where nothing can be hurt.
        may_share: whether it may be, as long as it is another database.

    Raises:
        RefusedError: this is not the place for a trial.
        UnreachableError: the server does not answer.
    """
    claims.refuse_foreign(name)
    if len(name) > _LONGEST_NAME:
        raise RefusedError("not-a-scratch", f"{name!r} is not a scratch database of ours")
    with ExitStack() as stack:
        connection = stack.enter_context(connected(server))
        note = _near(server, connection, target, may_share=may_share) if target else ""
        if not claims.take(connection, name):
            raise RefusedError("trial-running", f"another trial works on {name}", where=server.name)
        claims.sweep(connection)
        yield Copies(server, connection, name, note=note)


def _near(server: Secret, connection: psycopg.Connection, target: Secret, *, may_share: bool) -> str:
    """Return what there is to say of a scratch server beside its target; empty where they are apart.

    Raises:
        RefusedError: it is no place for a trial.
    """
    near = apart.Nearness.APART
    with suppress(GonogoError), connected(target) as there:  # what cannot be reached from here is another server
        near = apart.nearness(connection, there)
    return claims.told(near, server, target, may_share=may_share)


def _with_name(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
