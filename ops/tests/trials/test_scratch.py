"""Scratch databases of the linter: what a killed process leaves goes with the next one, and nothing else does."""

import os
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from gonogo.adapters.scratch import scratch_database
from gonogo.errors import UnreachableError
from tests.contracts import databases

SERVER = os.environ.get("TEST_DATABASE_URL", "")


def _there(name: str) -> bool:
    with psycopg.connect(SERVER) as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def test_what_a_killed_process_left_is_dropped_and_what_only_looks_like_it_stays() -> None:
    """The mark and the lock decide, and no name."""
    left, bystander = (f"gonogo_lint_1_{uuid4().hex[:12]}" for _ in range(2))
    with psycopg.connect(SERVER, autocommit=True) as connection:
        for name in (left, bystander):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(left), f"gonogo lint {left}"))
        try:
            with scratch_database(SERVER):
                assert not _there(left)
                assert _there(bystander)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(bystander)))


def test_one_that_is_used_stays_also_for_who_came_in_by_another_database() -> None:
    """An advisory lock is one database's alone."""
    with databases.created() as other, scratch_database(other) as first:
        with scratch_database(SERVER) as second:
            assert first != second
        with psycopg.connect(first) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_makes_no_database_is_told_in_words() -> None:
    """With the server's reason, and no trace."""
    role = f"contracts_{uuid4().hex[:12]}"
    databases.run(SERVER, f"CREATE ROLE {role} LOGIN PASSWORD 'p'")
    try:
        url = SERVER.replace("postgres:@", f"{role}:p@", 1)
        with pytest.raises(UnreachableError, match="permission denied to create database"), scratch_database(url):
            pass
    finally:
        databases.run(SERVER, f"DROP ROLE {role}")
