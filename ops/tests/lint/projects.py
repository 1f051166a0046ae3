"""Alembic projects of others: what env.py and revisions look like elsewhere."""

import os
from pathlib import Path

from gonogo import linting
from gonogo.linting import judging
from gonogo.model import Judgement, Linted, MigrationSetup

SERVER = os.environ["TEST_DATABASE_URL"]

SYNC = """
from alembic import context
from sqlalchemy import MetaData, Column, Integer, Table, engine_from_config, pool

metadata = MetaData()
Table("t0", metadata, Column("id", Integer, primary_key=True), Column("forgotten", Integer))
config = context.config
engine = engine_from_config(config.get_section("alembic"), prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
ASYNC = """
import asyncio
import os

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


def migrate(connection):
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    # An address that must never be asked: the toolkit leads every connection elsewhere.
    engine = create_async_engine(
        "postgresql+asyncpg://app:secret@production.invalid:6432/app",
        poolclass=pool.NullPool,
        connect_args={"server_settings": {"lock_timeout": "1500"}, "ssl": "require"},
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""
OWN_SCHEME = """
import os

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
import asyncio


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    async with create_async_engine(os.environ["DATABASE_URL"]).connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()


asyncio.run(main())
"""
_REVISION = '''"""Change {name}."""

import sqlalchemy as sa
from alembic import op

revision = {name!r}
down_revision = {parent!r}


def upgrade():
{up}


def downgrade():
    op.execute("SELECT 1")
'''


def project(root: Path, env: str, *, url: str = "postgresql+psycopg://app@production.invalid/app") -> Path:
    """Return the folder of a project without revisions."""
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text(f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {url}\n")
    (root / "migrations" / "env.py").write_text(env)
    (root / "gonogo.toml").write_text('[project]\nname = "foreign"\n')
    return root


def add(root: Path, name: str, parent: str | tuple[str, ...] | None, *lines: str) -> None:
    """Add a revision that runs some lines."""
    up = "\n".join(f"    {line}" for line in lines) or "    pass"
    path = root / "migrations" / "versions" / f"{name}_change.py"
    path.write_text(_REVISION.format(name=name, parent=parent, up=up))


def judged(setup: MigrationSetup, *, server: str | None = SERVER) -> Judgement:
    """Return a project's history, judged on a server that others use, too."""
    return judging.judge(setup, lambda: linting.Server(url=server) if server else None)


def looked(
    setup: MigrationSetup, *, server: str | None = SERVER, done: frozenset[str] = frozenset(), only: str = ""
) -> Linted:
    """Return what is found in a project, on a server that others use, too."""
    return linting.linted(judged(setup, server=server), done=done, only=only)
