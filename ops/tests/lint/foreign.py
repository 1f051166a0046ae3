# ruff: noqa: E501  # revisions as others write them
"""Alembic projects as others have them: how they are configured, what their env.py does, what their revisions do."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

_REVISION = '''"""{name}."""

import sqlalchemy as sa
from alembic import op
{imports}
revision = {name!r}
down_revision = {parent!r}
{more}

def upgrade():
{up}


def downgrade():
    op.execute("SELECT 1")
'''
_RUN = """
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None{more})
    with context.begin_transaction():
        context.run_migrations()
"""
ENGINE = "from alembic import context\nfrom sqlalchemy import create_engine, pool\n"


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files, by their paths."""
    for name, text in {"gonogo.toml": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def revision(name: str, parent: object, *up: str, imports: str = "", more: str = "") -> str:
    """Return a revision's file."""
    body = "\n".join(f"    {line}" for line in up) or "    pass"
    return _REVISION.format(name=name, parent=parent, up=body, imports=imports, more=more)


def _ini(location: str = "migrations", more: str = "") -> str:
    return f"[alembic]\nscript_location = {location}\n{more}"


_ENV = ENGINE + (
    "import os\n"
    'url = "postgresql+psycopg://%s:%s@%s:%s/%s" % tuple(os.environ[name] for name in ("DB_USER", "DB_PASS",'
    ' "DB_HOST", "DB_PORT", "DB_NAME"))\n'
    "connectable = create_engine(url, poolclass=pool.NullPool)\n"
)
_TOLD = "\n".join(
    f'{name} = "{value}"'
    for name, value in {
        "DB_USER": "a",
        "DB_PASS": "p%40ss",
        "DB_HOST": "db.invalid",
        "DB_PORT": "5432",
        "DB_NAME": "x",
    }.items()
)
# The URL is in env.py alone, from variables that it demands.
OWN_URL = {
    "alembic.ini": _ini(),
    "gonogo.toml": f"[lint.environment]\n{_TOLD}\n",
    "migrations/env.py": _ENV + _RUN.format(more=""),
    "migrations/versions/a1.py": revision(
        "a1", None, 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
    ),
}
# A src layout whose env.py imports the application, which reads settings that it demands.
PYDANTIC_SETTINGS = {
    "alembic.ini": _ini("src/shop/db/migrations", "prepend_sys_path = src\n"),
    "gonogo.toml": '[lint.environment]\nSHOP_SECRET = "s"\nSHOP_DSN = "postgresql://shop@db.invalid/shop"\n',
    "src/shop/__init__.py": "",
    "src/shop/settings.py": """
            from pydantic import BaseModel, PostgresDsn
            import os
            class Settings(BaseModel):
                secret: str
                dsn: PostgresDsn
            settings = Settings(secret=os.environ["SHOP_SECRET"], dsn=os.environ["SHOP_DSN"])
            """,
    "src/shop/db/__init__.py": "",
    "src/shop/db/models.py": """
            import enum
            from sqlalchemy import orm, Column, Integer, Text
            class Base(orm.DeclarativeBase): ...
            class User(Base):
                __tablename__ = "users"
                id = Column(Integer, primary_key=True)
                name = Column(Text)
            """,
    "src/shop/db/migrations/env.py": ENGINE
    + """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine
from shop.db.models import Base
from shop.settings import settings

def work(connection):
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = create_async_engine(str(settings.dsn).replace("ql:", "ql+asyncpg:"), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(work)
    await engine.dispose()

if context.is_offline_mode():
    context.configure(url=str(settings.dsn), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
""",
    "src/shop/db/migrations/versions/a1.py": revision(
        "a1",
        None,
        'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))',
    ),
    "src/shop/db/migrations/versions/a2.py": revision(
        "a2",
        "a1",
        "from shop.db.models import User",
        "session = Session(bind=op.get_bind())",
        'session.add(User(name="admin"))',
        "session.flush()",
        "assert session.query(User).count() == 1",
        imports="from sqlalchemy.orm import Session\n",
    ),
    "src/shop/db/migrations/versions/a3.py": revision(
        "a3",
        "a2",
        "op.run_async(lambda connection: connection.execute(sa.text(\"INSERT INTO users (name) VALUES ('x')\")))",
    ),
}
# No ini file: Alembic is configured in pyproject.toml, with branches in several folders and a merge.
PYPROJECT = {
    "pyproject.toml": """
            [project]
            name = "svc"
            version = "1"
            [tool.alembic]
            script_location = "%(here)s/db"
            version_locations = ["%(here)s/db/core", "%(here)s/db/billing"]
            file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"
            prepend_sys_path = ["."]
            """,
    "db/env.py": ENGINE + 'connectable = create_engine("postgresql+psycopg://u@db.invalid/x")\n' + _RUN.format(more=""),
    "db/core/2024_01_02_0304-c1_core.py": revision(
        "c1",
        None,
        'op.create_table("core", sa.Column("id", sa.Integer(), primary_key=True))',
        more='branch_labels = ("core",)',
    ),
    "db/billing/2024_02_02_0304-b1_bill.py": revision(
        "b1",
        None,
        'op.create_table("bill", sa.Column("id", sa.Integer(), primary_key=True))',
        more='branch_labels = ("billing",)\ndepends_on = "c1"',
    ),
    "db/core/2024_03_02_0304-c2_more.py": revision("c2", "c1", 'op.add_column("core", sa.Column("n", sa.Integer()))'),
    "db/core/2024_03_05_0304-m1_merge.py": revision("m1", ("c2", "b1"), "pass"),
    "db/core/2024_03_06_0304-m2_after.py": revision("m2", "m1", 'op.create_index("ix", "core", ["n"])'),
}
# `script_location` in a package, several schemas, and a version table in one of them.
PACKAGED = {
    "alembic.ini": _ini("svc:migrations", "prepend_sys_path = .\nsqlalchemy.url = postgresql://u:p%%40@db.invalid/x\n"),
    "svc/__init__.py": "",
    "svc/migrations/env.py": ENGINE
    + (
        "from sqlalchemy import text\n"
        'url = context.config.get_main_option("sqlalchemy.url").replace("postgresql:", "postgresql+psycopg:")\n'
        'connectable = create_engine(url, connect_args={"options": "-c search_path=tenant,public"})\n'
        "with connectable.begin() as connection:\n"
        '    connection.execute(text("CREATE SCHEMA IF NOT EXISTS tenant"))\n'
    )
    + _RUN.format(more=', version_table_schema="tenant", include_schemas=True, version_table="svc_version"'),
    "svc/migrations/versions/a1.py": revision(
        "a1",
        None,
        'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("data", JSONB()), schema="tenant")',
        'op.bulk_insert(sa.table("t", sa.column("id"), sa.column("data", JSONB()), schema="tenant"), [{"id": 1, "data": {"a": [1]}}, {"id": 2, "data": {}}])',
        imports="from sqlalchemy.dialects.postgresql import JSONB\n",
    ),
    "svc/migrations/versions/a2.py": revision(
        "a2",
        "a1",
        "bind = op.get_bind()",
        'for row in bind.execute(sa.text("SELECT id, data FROM tenant.t WHERE data IS NOT NULL")).fetchall():',
        '    bind.execute(sa.text("UPDATE tenant.t SET data = jsonb_set(data, \'{b}\', :v) WHERE id = :i").bindparams(sa.bindparam("v", type_=JSONB())), {"v": 1, "i": row.id})',
        'assert "t" in sa.inspect(bind).get_table_names(schema="tenant")',
        imports="from sqlalchemy.dialects.postgresql import JSONB\n",
    ),
    "svc/migrations/versions/a3.py": revision(
        "a3",
        "a2",
        'with op.batch_alter_table("t", schema="tenant", recreate="always") as batch:',
        '    batch.add_column(sa.Column("x", sa.Text()))',
        'mood = postgresql.ENUM("a", "b", name="mood", schema="tenant")',
        "mood.create(op.get_bind(), checkfirst=True)",
        "mood.create(op.get_bind(), checkfirst=True)",
        'op.add_column("t", sa.Column("mood", mood), schema="tenant")',
        imports="from sqlalchemy.dialects import postgresql\n",
    ),
}
# Roles, extensions that no scratch server has, concurrent indexes, DO blocks, percent signs.
AWKWARD = {
    "alembic.ini": _ini(more="sqlalchemy.url = postgresql+psycopg://u@db.invalid/x\n"),
    "migrations/env.py": ENGINE
    + 'connectable = create_engine(context.config.get_main_option("sqlalchemy.url"))\n'
    + _RUN.format(more=", transaction_per_migration=True"),
    "migrations/versions/a1.py": revision(
        "a1",
        None,
        'op.execute("CREATE EXTENSION IF NOT EXISTS postgis")',
        'op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")',
        'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))',
    ),
    "migrations/versions/a2.py": revision(
        "a2",
        "a1",
        'op.execute("GRANT SELECT ON t TO reporting_role_of_theirs")',
        'op.execute("ALTER TABLE t OWNER TO app_owner_of_theirs")',
    ),
    "migrations/versions/a3.py": revision(
        "a3",
        "a2",
        "with op.get_context().autocommit_block():",
        '    op.execute("CREATE INDEX CONCURRENTLY ix ON t (name)")',
        'op.execute("""DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_class WHERE relname = \'u\') THEN CREATE TABLE u (id int); END IF; END $$""")',
        "op.execute(\"INSERT INTO t (id, name) VALUES (1, '5%% off') \")",
        "op.execute(\"UPDATE t SET name = '100%' WHERE name LIKE '5%' AND id = 1\")",
    ),
    "migrations/versions/a4.py": revision(
        "a4",
        "a3",
        'op.execute("CREATE ROLE cluster_wide_of_theirs")',
        'op.execute("GRANT SELECT ON t TO cluster_wide_of_theirs")',
    ),
}
# A program of its own gets something ready, which env.py demands, makes a table, and then calls Alembic.
PROGRAM = {
    "gonogo.toml": '[commands]\nmigrate = ["{python}", "manage.py", "db"]\nmigrations = "db/alembic.ini"\n',
    "manage.py": """
            import sys
            from alembic import command
            from alembic.config import Config
            from sqlalchemy import create_engine, text

            assert sys.argv[1:3] == ["db", "upgrade"], sys.argv
            engine = create_engine("postgresql+psycopg://u@db.invalid/x")
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE IF NOT EXISTS people (id int PRIMARY KEY)"))
            config = Config("db/alembic.ini")
            config.set_main_option("script_location", "db")
            config.attributes["engine"] = engine
            command.upgrade(config, sys.argv[3])
            raise SystemExit("it must not get here")
            """,
    "db/alembic.ini": "[alembic]\n",
    "db/env.py": "from alembic import context\nconnectable = context.config.attributes['engine']\n"
    + _RUN.format(more=""),
    "db/versions/a1.py": revision("a1", None, 'op.add_column("people", sa.Column("name", sa.Text()))'),
    "db/versions/a2.py": revision("a2", "a1", 'op.add_column("people", sa.Column("age", sa.Integer()))'),
}
SHAPES: dict[str, dict[str, str]] = {
    "own_url": OWN_URL,
    "pydantic_settings": PYDANTIC_SETTINGS,
    "pyproject": PYPROJECT,
    "packaged": PACKAGED,
    "awkward": AWKWARD,
}
