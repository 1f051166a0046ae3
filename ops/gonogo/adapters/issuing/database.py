"""The service's login at PostgreSQL: two roles that take turns, both acting as the role that owns the tables.

The toolkit is another role, which may change both. It never sends a password: only the verifier that SCRAM makes of it.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit

import psycopg
from psycopg import sql

from gonogo.adapters.issuing import Quiet
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Pair, Secret

_TURNS = {"a": "b", "b": "a"}
_TIMEOUT_S = 5
# What the server says in English, and libpq where there is no password to show.
_REFUSED = re.compile(r"authentication failed|is not permitted to log in|no password supplied", re.IGNORECASE)
_RUNBOOK = "ops/SECRETS_ROTATION_RUNBOOK.md says how the two roles are made, once"
_MAY_NOT_END = "GRANT pg_signal_backend to it, or let it inherit from both roles"
_ROLE = """
SELECT r.rolcanlogin, array_to_string(r.rolconfig, ' '), coalesce(string_agg(o.rolname, ' '), '')
FROM pg_roles r LEFT JOIN pg_auth_members m ON m.member = r.oid LEFT JOIN pg_roles o ON o.oid = m.roleid
WHERE r.rolname = %s GROUP BY r.oid, r.rolcanlogin, r.rolconfig
"""
_MAY = """
SELECT rolsuper OR (rolcreaterole AND EXISTS (
    SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
    WHERE r.rolname = %s AND m.member = me.oid AND m.admin_option))
FROM pg_roles me WHERE rolname = session_user
"""
_MAY_END = """
SELECT rolsuper OR pg_has_role(oid, %s, 'USAGE') OR pg_has_role(oid, 'pg_signal_backend', 'USAGE')
FROM pg_roles WHERE rolname = session_user
"""


class DatabaseLogins(Quiet):
    """The two roles of one environment."""

    def __init__(self, admin: Secret) -> None:
        """Take the URL of a role that may change both; nothing is contacted yet."""
        self._admin = admin

    def problems(self, old: Secret) -> tuple[str, ...]:
        """Return why the two roles cannot take turns."""
        role = _role(old)
        if role[-2:] not in {"_a", "_b"}:
            return (f"the service logs in as {role}, which is no role of two that take turns (…_a, …_b); {_RUNBOOK}",)
        with self._connected() as connection:
            return tuple(self._wrong(connection, role, _other(role)))

    def draft(self, old: Secret) -> Secret:
        """Return the other role's login, with a new password."""
        return Secret(old.name, _as(old.reveal(), _other(_role(old)), secrets.token_urlsafe(32)))

    def admit(self, pair: Pair, tag: str) -> Secret:
        """Give the idle role its new password, and let it log in."""
        del tag
        new = pair.coming
        with self._connected() as connection:
            verifier = connection.pgconn.encrypt_password(
                _password(new).encode(), _role(new).encode(), b"scram-sha-256"
            )
            self._alter(connection, _role(new), sql.SQL("LOGIN PASSWORD {}").format(verifier.decode()))
        return new

    def accepts(self, value: Secret) -> bool:
        """Return whether a login is let in now, and may read.

        Raises:
            UnreachableError: the server does not answer.
        """
        try:
            with psycopg.connect(
                _as(self._admin.reveal(), _role(value), _password(value)), connect_timeout=_TIMEOUT_S
            ) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if _REFUSED.search(str(error)):
                return False
            raise _unreachable(error) from None
        return True

    def users(self, value: Secret) -> int:
        """Return how many sessions a role has."""
        with self._connected() as connection:
            found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (_role(value),))
            return int((found.fetchone() or (0,))[0])

    def retire(self, pair: Pair) -> None:
        """Let the old role log in no more, and end its sessions."""
        self._lock(_role(pair.old))

    def withdraw(self, pair: Pair, tag: str) -> None:
        """Let the new role log in no more."""
        del tag
        if pair.new is not None:
            self._lock(_role(pair.new))

    def _lock(self, role: str) -> None:
        """Let a role log in no more, and end its sessions."""
        with self._connected() as connection:
            self._alter(connection, role, sql.SQL("NOLOGIN PASSWORD NULL"))
            try:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,))
            except psycopg.errors.InsufficientPrivilege:
                message = f"{role} logs in no more, and the toolkit may not end its open sessions"
                raise RefusedError("sessions-not-ended", message, hint=_MAY_NOT_END) from None

    def _wrong(self, connection: psycopg.Connection, role: str, other: str) -> Iterator[str]:
        """Yield what is wrong with two roles."""
        (session,) = connection.execute("SELECT session_user").fetchone() or ("",)
        if session in {role, other}:
            yield f"the toolkit logs in as {session} too, and would lock itself out: give it a role of its own"
        known = {each: connection.execute(_ROLE, (each,)).fetchone() for each in (role, other)}
        yield from (f"there is no role {each}; {_RUNBOOK}" for each, row in known.items() if row is None)
        rows = [row for row in known.values() if row is not None]
        if len(rows) == len(known):
            if rows[0][1:] != rows[1][1:]:
                yield f"{role} and {other} are not alike: what they act as, or are members of, differs; {_RUNBOOK}"
            if rows[1][0] and self._sessions(connection, other):
                yield f"somebody is in as {other}, the role that is to be given a new password"
        for each in (name for name, row in known.items() if row):
            if not (connection.execute(_MAY, (each,)).fetchone() or (False,))[0]:
                yield f"{session} may not change {each}: it needs CREATEROLE, and ADMIN OPTION on it"
            elif not (connection.execute(_MAY_END, (each,)).fetchone() or (False,))[0]:
                yield f"{session} may not end the sessions of {each}: {_MAY_NOT_END}"

    @staticmethod
    def _sessions(connection: psycopg.Connection, role: str) -> int:
        """Return how many sessions a role has."""
        found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (role,)).fetchone()
        return int((found or (0,))[0])

    @staticmethod
    def _alter(connection: psycopg.Connection, role: str, what: sql.Composable) -> None:
        """Change a role.

        Raises:
            RefusedError: the server says no.
        """
        try:
            connection.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), what))
        except psycopg.Error as error:
            message = f"the role {role} cannot be changed: {error.diag.message_primary or type(error).__name__}"
            raise RefusedError("role-refused", message) from None

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        """Yield a session of the toolkit's own role, on which each statement commits."""
        try:
            connection = psycopg.connect(self._admin.reveal(), autocommit=True, connect_timeout=_TIMEOUT_S)
        except psycopg.OperationalError as error:
            raise _unreachable(error) from None
        with connection:
            connection.execute("SET ROLE NONE")  # whoever acts as the owner of the tables may not change roles as that
            yield connection


def _role(url: Secret) -> str:
    """Return who a URL logs in as."""
    return unquote(urlsplit(url.reveal()).username or "")


def _password(url: Secret) -> str:
    """Return a URL's password."""
    return unquote(urlsplit(url.reveal()).password or "")


def _other(role: str) -> str:
    """Return the role whose turn it is next."""
    return f"{role[:-1]}{_TURNS.get(role[-1:], 'a')}"


def _as(url: str, role: str, password: str) -> str:
    """Return a URL with somebody else's login."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{host}").geturl()


def _unreachable(error: psycopg.Error) -> UnreachableError:
    """Return that the server does not answer, in the last line of what the driver says."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[-1]
    return UnreachableError("database-unreachable", f"the database does not let the toolkit in: {said}")
