"""New databases filled from backups beside the one that is served, and the switch between them.

A database is filled under a name of ours, `gonogo_restoring_RELEASE`, and gets the one that was asked for once it holds
what the manifest says. What it is, and which release made it, stands in its comment, which renames do not touch.
"""

import json
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo, sql

from gonogo.adapters import furnishing, scratch, sources, switching
from gonogo.adapters.postgres import Postgres, connected, emptiness
from gonogo.errors import RefusedError
from gonogo.model import Backup, Checkout, DatabaseSeen, Restoring, Secret
from gonogo.protocols import Backups, Migrations, Vault

_PREFIX = "gonogo_restoring_"
_MARK = "gonogo "
_FILLING = "gonogo restoring "
_DONE = ("restored", "served", "former", "returned")
_DATABASES = """
SELECT datname, pg_get_userbyid(datdba), CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)
    ELSE 0 END, coalesce(shobj_description(d.oid, 'pg_database'), ''),
    (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid AND backend_type = 'client backend'
        AND pid <> pg_backend_pid())
FROM pg_database d WHERE NOT datistemplate ORDER BY datname
"""
_RIGHTS = """
SELECT rolsuper, rolsuper OR rolcreatedb, coalesce((SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database
    WHERE datname = %(served)s), true), rolsuper OR pg_has_role('pg_signal_backend', 'MEMBER')
    OR NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = %(served)s AND NOT pg_has_role(usesysid, 'MEMBER')),
    (SELECT count(*) FROM pg_prepared_xacts WHERE database IN (%(served)s, %(into)s))
FROM pg_roles WHERE rolname = current_user
"""
# Indexes are built beside their tables, and the log of it all grows meanwhile.
_GROWTH = 1.3
_LETS_GO_S, _LOOK_S = 60.0, 0.2


class SqlRestores:
    """The databases of an environment's server."""

    def __init__(  # all by name but the first
        self,
        url: Secret,
        *,
        backups: Backups,
        vault: Callable[[], Vault | None],
        folder: Path,
        environment: str,
        migrations: Callable[[Secret], Migrations],
    ) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            url: of the database that is served.
            backups: those on this machine.
            vault: gives the other place.
            folder: where copies of the other place are kept while they are used.
            environment: whose backups they are.
            migrations: gives the migrations for a database.
        """
        self._url = url
        self._backups = backups
        self._vault = vault
        self._folder = folder
        self._environment = environment
        self._migrations = migrations

    def databases(self) -> tuple[DatabaseSeen, ...]:
        """Return the server's databases by name, with what they say of themselves."""
        with connected(self._url, switching.MAINTENANCE) as connection:
            return tuple(
                DatabaseSeen(name=name, owner=owner, size_bytes=size, mark=_mark(said), sessions=sessions)
                for name, owner, size, said, sessions in connection.execute(_DATABASES).fetchall()
            )

    def obstacles(self, restoring: Restoring) -> tuple[str, ...]:
        """Return all that stands against a restore or a switch, as far as it can be seen before it, a sentence each."""
        return (*self._of_names(restoring), *self._of_rights(restoring), *self._of_backup(restoring))

    def _of_names(self, restoring: Restoring) -> tuple[str, ...]:
        """Return what is wrong with the databases' names."""
        found = {each.name: each for each in self.databases()}
        into = found.get(restoring.into)
        if restoring.backup and into:
            whole = into.mark.startswith("restored ")
            switch = f"invoke restore.switch --env {self._environment} --into {into.name}"
            instead = f"; a restore has filled it: {switch}" if whole else ""
            return (f"there is a database {into.name} already, and a restore never goes over one{instead}",)
        if not restoring.backup and into is None:
            fitting = ", ".join(each.name for each in found.values() if each.mark and each.name != restoring.served)
            there = f"; there are: {fitting}" if fitting else ""
            return (f"there is no database {restoring.into} on the server{there}",)
        if not restoring.backup and into and not into.mark:
            return (f"{into.name} does not say that a restore made it, or that it was served before a switch",)
        if restoring.former in found:
            return (f"there is a database {restoring.former} already",)
        return ()

    def _of_rights(self, restoring: Restoring) -> tuple[str, ...]:
        """Return what the role may not do that it has to."""
        with connected(self._url, switching.MAINTENANCE) as connection:
            given = {"served": restoring.served, "into": restoring.into}
            row = connection.execute(_RIGHTS, given).fetchone() or (False, False, False, False, 0)
        _, may_create, is_owner, may_end, prepared = row
        wanted = {
            "the role may not create databases: ALTER ROLE … CREATEDB": not may_create,
            f"the role does not own {restoring.served}, and may not rename it": restoring.former and not is_owner,
            "the role may not end others' sessions: GRANT pg_signal_backend TO …": restoring.former and not may_end,
            f"{prepared} prepared transactions hold a database: COMMIT PREPARED or ROLLBACK PREPARED": prepared,
        }
        return tuple(said for said, is_so in wanted.items() if is_so)

    def _of_backup(self, restoring: Restoring) -> tuple[str, ...]:
        """Return what is wrong with a backup of this machine, and with the server for it."""
        if not restoring.backup or restoring.is_offsite:
            return ()
        if problems := self._backups.verify(restoring.backup):
            return tuple(f"{restoring.backup}: {each}" for each in problems)
        backup = self._backups.find(restoring.backup)
        try:
            self._refuse_unfit(backup) if backup else None
        except RefusedError as error:
            return (f"{error.message}{f' ({error.hint})' if error.hint else ''}",)
        return ()

    def restore(self, restoring: Restoring, release_id: str) -> None:
        """Fill a new database from a backup; it has its name only once it holds what the manifest says.

        Raises:
            RefusedError: the name is taken, the backup cannot be used, or something else came of it.
            UnreachableError: the server or the other place does not answer.
        """
        vault = self._vault() if restoring.is_offsite else None
        source = sources.chosen(self._backups, vault, environment=self._environment, name=restoring.backup)
        with sources.opened(self._backups, vault, source, folder=self._folder) as backup:
            self._refuse_unfit(backup)
            if problems := self._of_names(restoring):
                raise RefusedError("database-exists", "; ".join(problems), where=self._url.name)
            self._filled(backup, restoring, release_id)

    def _refuse_unfit(self, backup: Backup) -> None:
        """Refuse a server that lacks what the backup needs: roles, extensions, a version, room."""
        Postgres(self._url, scratch_url=self._url).refuse_unfit(backup)
        needed, free = _bytes_of(backup) * _GROWTH, self._free()
        if free is not None and free < needed:
            message = f"the server's disk has {free / 1e9:.1f} GB free, the restore needs about {needed / 1e9:.1f} GB"
            raise RefusedError("disk-too-small", message, where=self._url.name, hint="free some, or restore elsewhere")

    def _free(self) -> int | None:
        """Return the free space of the server's disk; None where it is not this machine's."""
        with connected(self._url, switching.MAINTENANCE) as connection:
            host = connection.info.host
            if not (host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}):
                return None
            with suppress(psycopg.errors.InsufficientPrivilege, OSError):
                row = connection.execute("SHOW data_directory").fetchone()
                return shutil.disk_usage(str(row[0])).free if row else None
        return None

    def _filled(self, backup: Backup, restoring: Restoring, release_id: str) -> None:
        """Make a database under our own name, fill it, compare it, and give it the name that was asked for."""
        part = _part(release_id)
        server = Postgres(self._url, scratch_url=self._url)
        with connected(self._url, switching.MAINTENANCE) as connection:
            owner = self._owner(restoring.served)
            _created(connection, part, sql.SQL("OWNER {} {}").format(sql.Identifier(owner), emptiness(backup)))
            if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,):
                server.fill(backup, part, is_copy=False)
            else:
                server.fill(backup, part, "--role", owner)
            server.compare(backup, part)
            server.analyze(part)
            furnishing.take_over(connection, restoring.served, part)
        switching.exchange(self._url, [(part, restoring.into)], [_marking(restoring.into, "restored", release_id)])

    def _owner(self, served: str) -> str:
        """Return who owns what is served; who is connected, where nothing is."""
        owners = {each.name: each.owner for each in self.databases()}
        return owners.get(served) or str(conninfo.conninfo_to_dict(self._url.reveal()).get("user", "postgres"))

    def bring_up(self, release_id: str, checkout: Checkout, revision: str) -> None:
        """Migrate a restored database that is not served yet.

        Raises:
            RefusedError: a migration failed, or there is no such database.
        """
        found = next((each.name for each in self.databases() if each.mark == f"restored {release_id}"), None)
        if found is None:
            raise RefusedError("not-restored", f"the database that {release_id} restored is gone")
        self._migrations(_beside(self._url, found)).upgrade(checkout, revision)

    def revision(self, release_id: str) -> str | None:
        """Return the schema's revision in the database that a release has restored; None where there is none."""
        marks = (f"restored {release_id}", f"served {release_id}")
        found = next((each.name for each in self.databases() if each.mark in marks), None)
        if found is None:
            return None
        beside = _beside(self._url, found)
        return Postgres(beside, scratch_url=beside).revision()

    def drop(self, release_id: str) -> None:
        """Drop what a restore has half made; what is whole, or not a restore's, is left alone."""
        with connected(self._url, switching.MAINTENANCE) as connection:
            _drop(connection, _part(release_id))

    def switch(self, restoring: Restoring, release_id: str) -> None:
        """Give a database the name that is served, and the one that has it another name: both at once, or neither.

        Raises:
            RefusedError: there is no such database, or somebody cannot be made to leave it.
        """
        self._exchange(restoring.served, restoring.into, restoring.former, release_id)

    def switch_back(self, restoring: Restoring, release_id: str) -> None:
        """Undo a switch of a release: both at once, or neither; where there was none nothing is done."""
        marks = {each.name: each.mark for each in self.databases()}
        if marks.get(restoring.served) == f"served {release_id}":
            self._exchange(restoring.served, restoring.former, restoring.into, release_id, back=True)

    def _exchange(self, served: str, to: str, aside: str, release_id: str, *, back: bool = False) -> None:
        """Exchange two databases; the one that is put aside can only be read until it is served again."""
        marks = {each.name: each.mark for each in self.databases()}
        if to not in marks:
            raise RefusedError("database-gone", f"there is no database {to} on the server", where=self._url.name)
        away = [_marking(aside, "restored" if back else "former", release_id), _reading(aside)]
        here = [_marking(served, "returned" if back else "served", release_id), _writing(served)]
        if served not in marks:
            switching.exchange(self._url, [(to, served)], here)
        else:
            switching.exchange(self._url, [(served, aside), (to, served)], [*away, *here])


def _mark(said: str) -> str:
    """Return what a restore wrote on a database; empty where it is somebody else's comment."""
    return said.removeprefix(_MARK) if said.startswith(tuple(f"{_MARK}{each} " for each in _DONE)) else ""


def _part(release_id: str) -> str:
    """Return the name of a database that is being filled."""
    return _PREFIX + re.sub(r"[^a-z0-9]", "_", release_id.lower())


def _marking(name: str, what: str, release_id: str) -> sql.Composed:
    """Return what writes on a database what it is."""
    words = sql.Literal(f"{_MARK}{what} {release_id}")
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), words)


def _reading(name: str) -> sql.Composed:
    """Return what keeps whoever comes to a database by mistake from writing to it."""
    return sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(name))


def _writing(name: str) -> sql.Composed:
    """Return what lets everybody write again."""
    return sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(sql.Identifier(name))


def _created(connection: psycopg.Connection, part: str, how: sql.Composed) -> None:
    """Make a database to be filled; what killed restores have left goes first, and what others fill stays.

    Raises:
        RefusedError: somebody fills it already.
    """
    deadline = time.monotonic() + _LETS_GO_S
    while not scratch.lock(connection, part):
        # The server ends what a killed process has begun before it notices that nobody is there any more.
        if time.monotonic() > deadline:
            raise RefusedError("restore-running", f"another process restores into {part}")
        time.sleep(_LOOK_S)
    for left in (part, *scratch.deserted(connection, _PREFIX, _FILLING)):
        _drop(connection, left)
    connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(part), how))
    scratch.mark(connection, part, _FILLING + part)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database that is being filled; no other name is accepted."""
    if not re.fullmatch(_PREFIX + r"[a-z0-9_]+", name):
        raise RefusedError("not-a-scratch", f"{name!r} is not a database that a restore is filling")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _bytes_of(backup: Backup) -> int:
    """Return how large the database was; what its files take where the manifest does not say."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        return int(json.loads(backup.manifest.read_text(encoding="utf-8"))["database_bytes"])
    return backup.size_bytes


def _beside(url: Secret, name: str) -> Secret:
    """Return the way to another database of the same server."""
    return Secret(url.name, urlsplit(url.reveal())._replace(path=f"/{name}").geturl())
