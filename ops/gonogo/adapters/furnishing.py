"""What a dump does not hold of a database: its settings and who may connect, taken over from the one that is served."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

_SETTINGS = """
SELECT r.rolname, unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
LEFT JOIN pg_roles r ON r.oid = setrole WHERE datname = %s
"""
_GRANTS = """
SELECT CASE WHEN grantee = 0 THEN NULL ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable
FROM pg_database, aclexplode(datacl) WHERE datname = %s
"""
# Lists, which the server keeps with the quotes that each part needs.
_LISTS = {"search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries"}
# Written by a switch on the database that it left; it is not a setting of the service's.
_OURS = "default_transaction_read_only"


def take_over(connection: psycopg.Connection, source: str, into: str) -> None:
    """Give a database the settings and privileges of another one."""
    for statement in (*_settings(connection, source, into), *_grants(connection, source, into)):
        connection.execute(statement)


def _settings(connection: psycopg.Connection, source: str, into: str) -> Iterator[sql.Composed]:
    """Yield what sets a database up as another one, for everybody and for single roles."""
    for role, setting in connection.execute(_SETTINGS, [source]).fetchall():
        name, _, value = str(setting).partition("=")
        if name == _OURS:
            continue
        whose = sql.SQL("DATABASE {}") if role is None else sql.SQL("ROLE {role} IN DATABASE {}")
        subject = whose.format(sql.Identifier(into), role=sql.Identifier(str(role)))
        given = sql.SQL(value) if name in _LISTS else sql.Literal(value)
        yield sql.SQL("ALTER {} SET {} = {}").format(subject, sql.Identifier(*name.split(".")), given)


def _grants(connection: psycopg.Connection, source: str, into: str) -> Iterator[sql.Composed]:
    """Yield who may do what with a database; nothing where nobody has ever said."""
    rows = connection.execute(_GRANTS, [source]).fetchall()
    if rows:
        yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(into))
    for grantee, privilege, may_pass_on in rows:
        whom = sql.SQL("PUBLIC") if grantee is None else sql.Identifier(str(grantee))
        more = sql.SQL(" WITH GRANT OPTION") if may_pass_on else sql.SQL("")
        what = sql.SQL(str(privilege))
        yield sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(what, sql.Identifier(into), whom, more)
