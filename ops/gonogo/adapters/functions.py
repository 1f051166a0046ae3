"""The functions of a live database, as the rules about functions read them."""

import psycopg

from gonogo.adapters.postgres import connected
from gonogo.lint.functions import Definition
from gonogo.model import Secret

# Those of extensions are theirs to mend. A null ACL is the default one, and that lets PUBLIC execute.
_QUERY = """
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
       l.lanname, p.prosrc, p.prosecdef,
       (SELECT substr(each, 13) FROM unnest(p.proconfig) each WHERE each LIKE 'search_path=%'),
       EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
               WHERE acl.grantee = 0 AND acl.privilege_type = 'EXECUTE'),
       p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype),
       p.prosqlbody IS NOT NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND p.prokind IN ('f', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
"""


def definitions(url: Secret) -> tuple[Definition, ...]:
    """Return every function and procedure of a database that is neither PostgreSQL's nor an extension's.

    Args:
        url: the database; any role may ask, and nothing is changed.

    Raises:
        UnreachableError: it does not answer.
    """
    with connected(url) as connection:
        return tuple(_definition(*row) for row in _rows(connection))


def _rows(connection: psycopg.Connection) -> list[tuple[str, str, str, bool, str | None, bool, bool, bool]]:
    connection.execute("SET search_path = pg_catalog")
    return connection.execute(_QUERY).fetchall()


def _definition(  # noqa: PLR0913, PLR0917  # a row
    signature: str,
    language: str,
    body: str,
    is_definer: bool,  # noqa: FBT001
    path: str | None,
    is_public: bool,  # noqa: FBT001
    is_trigger: bool,  # noqa: FBT001
    is_bound: bool,  # noqa: FBT001
) -> Definition:
    """Return one function."""
    names = None if path is None else tuple(each.strip().strip('"') for each in path.split(","))
    return Definition(
        signature=signature,
        language=language,
        body="" if is_bound else body,
        is_definer=is_definer,
        search_path=names and tuple(each for each in names if each),
        is_public=is_public,
        is_trigger=is_trigger,
        is_bound=is_bound,
    )
