"""Tiny Alembic projects in a folder of their own, run as people run them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url

from gonogo_migrator import Settings

ENV = """
import os

from alembic import context
from gonogo_migrator import run

given = context.config.attributes
run(given.get("target") or os.environ["DATABASE_URL"], settings=given.get("settings"), **given.get("options", {}))
"""
INI = """
[alembic]
script_location = %(here)s/migrations
path_separator = os
"""
REVISION = '''"""{name}."""

import time

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {before!r}
{more}


def upgrade():
    {up}


def downgrade():
    {down}
'''
DEADLINE_S = 150.0
BLOCK = "with op.get_context().autocommit_block():\n        "


@dataclass(kw_only=True, slots=True)
class Project:
    """An Alembic project and its database.

    Attributes:
        root: Where its files are.
        url: Its database, as psycopg takes it.
        driver: SQLAlchemy's name of the driver that its address names.
        names: Its revisions, oldest first.
    """

    root: Path
    url: str
    driver: str = "psycopg"
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Write what every project has."""
        (self.root / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
        (self.root / "alembic.ini").write_text(INI)
        self.write_env(ENV)

    def write_env(self, text: str) -> None:
        """Write env.py."""
        (self.root / "migrations" / "env.py").write_text(text)

    def add(self, up: str, *, down: str = "pass", more: str = "") -> str:
        """Add a revision, and return its name."""
        name = f"r{len(self.names) + 1}"
        before = self.names[-1] if self.names else None
        text = REVISION.format(name=name, before=before, up=up, down=down, more=more)
        (self.root / "migrations" / "versions" / f"{name}.py").write_text(text)
        self.names.append(name)
        return name

    def start(self, *words: str, **settings: object) -> subprocess.Popen[str]:
        """Start Alembic; settings become MIGRATION_*."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATION_")}
        environ |= {f"MIGRATION_{name.upper()}": str(value) for name, value in settings.items()}
        return subprocess.Popen(
            (sys.executable, "-m", "alembic", *(words or ("upgrade", "head"))),
            cwd=self.root,
            env={**environ, "DATABASE_URL": self.address},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def address(self) -> str:
        """Its database, as SQLAlchemy takes it."""
        return make_url(self.url).set(drivername=f"postgresql+{self.driver}").render_as_string(hide_password=False)

    def upgrade(self, revision: str = "head", *, target: object = None, **settings: Any) -> None:
        """Upgrade, called as a program does."""
        command.upgrade(self.config(target, settings), revision)

    def downgrade(self, revision: str = "base", **settings: Any) -> None:
        """Downgrade, called as a program does."""
        command.downgrade(self.config(settings=settings), revision)

    def check(self) -> None:
        """Compare with models of which there are none."""
        config = self.config()
        config.attributes["options"] = {"target_metadata": MetaData()}
        command.check(config)

    @contextmanager
    def upgrading(self, **settings: Any) -> Iterator[Future[None]]:
        """Upgrade beside the test, one at a time: Alembic has one context in a process."""
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(lambda: self.upgrade(**settings))

    def config(self, target: object = None, settings: Mapping[str, Any] = MappingProxyType({})) -> Config:
        """Return how Alembic is called from a program."""
        config = Config(self.root / "alembic.ini")
        config.attributes |= {"target": target or self.address, "settings": Settings(**settings)}
        return config

    def one(self, query: str) -> object:
        """Return the first value of the first row; None without one."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(sql.SQL(query)).fetchone()
        return row[0] if row else None

    def do(self, *statements: str) -> None:
        """Run statements."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(statement))

    @property
    def version(self) -> object:
        """Where the schema is."""
        if self.one("SELECT to_regclass('alembic_version')") is None:
            return None
        return self.one("SELECT max(version_num) FROM alembic_version")

    @property
    def invalid(self) -> object:
        """How many indexes are INVALID."""
        return self.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid")

    @contextmanager
    def blocked(self, statement: str = "LOCK TABLE things") -> Iterator[psycopg.Connection]:
        """Hold what a statement takes until the end, or until the connection is told to commit."""
        with psycopg.connect(self.url) as connection:
            connection.execute(sql.SQL(statement))
            yield connection

    def until(self, condition: str) -> None:
        """Wait until a query is true."""
        until(lambda: self.one(condition) is True)

    def until_waiting(self) -> None:
        """Wait until a migration waits for a lock."""
        self.until(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND application_name LIKE 'gonogo-migrator%')"
        )


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for as long as a slow machine may need."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Return how a process ended."""
    out, err = process.communicate(timeout=DEADLINE_S * 2)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def last(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last words of a process, which are what a person reads."""
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr.strip().splitlines()[-1]
