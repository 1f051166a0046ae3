"""Migrations go up, down and up again, alone and with timeouts."""

import io
import os
import subprocess
import sys

import psycopg
import pytest
from alembic import command
from alembic.util import CommandError

from backend.db.models import metadata
from backend.tests.integration.world import HEAD, Rows, alembic_config
from gonogo_migrator import GaveUpError

TABLES = (
    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    " AND tablename NOT IN ('alembic_version', 'gonogo_migrations')"
)


class TestUpgrade:
    """The way there and back."""

    def test_up_down_up(self, empty_database_url: str) -> None:
        """Every revision can be taken back, and leaves nothing."""
        config, rows = alembic_config(empty_database_url), Rows(database_url=empty_database_url)
        ours = (len(metadata.tables),)

        command.upgrade(config, "head")
        up = rows.one(TABLES)
        command.downgrade(config, "base")
        down = rows.one(TABLES)
        command.upgrade(config, "head")

        assert (up, down, rows.one(TABLES)) == (ours, (0,), ours)

    def test_models_match_the_schema(self, database_url: str) -> None:
        """What the migrations make is what the models describe."""
        command.check(alembic_config(database_url))

    def test_sql_shows_the_timeouts(self, database_url: str) -> None:
        """The SQL to review is the SQL that runs, timeouts included; the slice of one revision has no other."""
        config = alembic_config(database_url)
        config.output_buffer = io.StringIO()

        command.upgrade(config, "0002:0003", sql=True)

        sql = config.output_buffer.getvalue()
        assert "SET lock_timeout = '2000ms'" in sql
        assert "SET statement_timeout = '60000ms'" in sql
        assert sql.count("CREATE TABLE") == 1

    def test_waits_for_another_migration(self, empty_database_url: str) -> None:
        """Two migrations never run at once; the second says why it gave up."""
        config = alembic_config(empty_database_url, migration_wait_seconds=0.1)

        with psycopg.connect(empty_database_url, autocommit=True) as other:
            other.execute("SELECT pg_advisory_lock(7283401, 1)")
            with pytest.raises(CommandError, match="another migration"):
                command.upgrade(config, "head")

        command.upgrade(config, "head")

    def test_gives_way_to_a_held_lock(self, database_url: str, rows: Rows) -> None:
        """A migration that cannot get its lock in time fails instead of blocking everybody behind it."""
        config = alembic_config(database_url, migration_lock_timeout_ms=50, migration_attempts=2)

        with rows.locked("LOCK TABLE worker_heartbeats"), pytest.raises(GaveUpError, match="lock timeout"):
            command.downgrade(config, "-1")

        assert rows.one("SELECT version_num FROM alembic_version") == (HEAD,)

    def test_says_on_the_command_line_that_trying_again_is_safe(self, database_url: str, rows: Rows) -> None:
        """One line and a status of its own, so that a release tells a busy table from a broken migration."""
        words = ("-m", "alembic", "-c", "backend/alembic.ini", "downgrade", "-1")
        environ = {
            **os.environ,
            "DATABASE_URL": database_url,
            "MIGRATION_LOCK_TIMEOUT_MS": "200",
            "MIGRATION_ATTEMPTS": "1",
        }

        with rows.locked("LOCK TABLE worker_heartbeats"):
            done = subprocess.run([sys.executable, *words], env=environ, capture_output=True, text=True, check=False)

        assert done.returncode == 75
        last = done.stderr.splitlines()[-1]
        assert last.startswith(f"{HEAD}: canceling statement due to lock timeout (55P03)")
        assert last.endswith(f"the schema stands at {HEAD}")

    def test_says_who_ran_what_and_when(self, empty_database_url: str) -> None:
        """A row for each revision that was applied, none for a model to know of."""
        config, rows = alembic_config(empty_database_url), Rows(database_url=empty_database_url)

        command.upgrade(config, "0003")

        query = "SELECT array_agg(revision ORDER BY id), bool_and(finished_at >= started_at) FROM gonogo_migrations"
        assert rows.one(query) == (["0001", "0002", "0003"], True)
