"""A revision imports the application's code."""

import sys
from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject
from gonogo.model import Severity

# What revisions import and no application is called.
_LIBRARIES = {
    "advanced_alchemy", "alembic", "alembic_postgresql_enum", "alembic_utils", "asyncpg", "citext", "dateutil",
    "fastapi_users_db_sqlalchemy", "geoalchemy2", "greenlet", "orjson", "pgvector", "psycopg", "psycopg2", "pydantic",
    "pytz", "sqlalchemy", "sqlalchemy_utils", "sqlmodel", "timescaledb", "typing_extensions", "ulid", "uuid6",
    "uuid_utils", "yaml", "sqlalchemy_json", "cryptography", "bcrypt", "passlib", "slugify", "tqdm", "structlog",
    "numpy",
}  # fmt: skip


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each import of code that changes while the revision must not."""
    for module, line in subject.source.imports:
        if not _is_ours(module, subject.packages):
            continue
        yield Advice(
            severity=Severity.BLOCK,
            message=f"imports {module or 'the package around it'}",
            consequence="it means something else once that code changes, and fails once it is gone: on a new "
            "database, in CI, "
            "in a restore",
            fix="write out what is needed of it, as it is today:\n"
            'users = sa.table("users", sa.column("id", sa.BigInteger()), …)  # not the model',
            line=line,
        )


def _is_ours(module: str, packages: frozenset[str] | None) -> bool:
    """Return whether a module belongs to the application."""
    top = module.partition(".")[0]
    if not top:
        return True
    if packages is not None:
        return top in packages
    return top not in sys.stdlib_module_names and top not in _LIBRARIES


RULE = Rule(reference="imports-application", check=check)
