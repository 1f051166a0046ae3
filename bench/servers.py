"""What every measurement stands on: a PostgreSQL, a Redis, and a migrated database of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from pydantic import SecretStr

from backend.core.environment import MigrationEnvironment
from gonogo.local import postgres, redis

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """Where the servers are.

    Attributes:
        database_url: A migrated database with a table `effects` and one twin.
        redis_url: An empty Redis.
    """

    database_url: str
    redis_url: str

    def change(self, sql: str, *values: object) -> None:
        """Change rows."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql.encode(), values)

    def number(self, sql: str) -> float:
        """Return the only number of a query, 0 when there is none."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            row = connection.execute(sql.encode()).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def variables(self, **more: str) -> dict[str, str]:
        """Return the settings of a worker process."""
        return {
            "ENVIRONMENT": "development",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": "k" * 40,
            "QUEUE_NAME": f"bench.{uuid4().hex}",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'ops'}",
            **more,
        }


@contextmanager
def running() -> Iterator[Servers]:
    """Give servers that are gone at the end, with their files."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        server = postgres.start(folder / "postgres", durable=False)
        url = postgres.create_database(server.url, "bench")
        config = Config(ROOT / "backend" / "alembic.ini")
        config.attributes["environment"] = MigrationEnvironment(database_url=SecretStr(url))
        command.upgrade(config, "head")
        servers = Servers(database_url=url, redis_url=redis.start(folder / "redis").url)
        _prepare(servers)
        yield servers
    finally:
        postgres.stop(folder / "postgres")
        redis.stop(folder / "redis")
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(servers: Servers) -> None:
    servers.change("CREATE TABLE effects (job_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())")
    servers.change("CREATE TABLE bare_jobs (id uuid PRIMARY KEY, status text NOT NULL, due_at timestamptz NOT NULL)")
    servers.change("CREATE INDEX ON bare_jobs (due_at) WHERE status = 'queued'")
    servers.change("INSERT INTO users (email) VALUES ('bench@example.org')")
    servers.change("INSERT INTO twins (user_id, name, is_personal) SELECT id, 'Personal', true FROM users")
