"""What a killed trial leaves is dropped by its name, as whoever resumes or aborts a release asks for it."""

import os
from uuid import uuid4

import psycopg
import pytest

from gonogo.errors import RefusedError
from tests.trials.projects import trials


def _there(connection: psycopg.Connection, name: str) -> set[str]:
    """Return the databases whose names begin with one."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    return {str(row[0]) for row in connection.execute(query, [name])}


def test_the_copy_and_its_clones_are_dropped_and_no_other() -> None:
    """Also the copy that was being restored, and did not say yet whose it is."""
    name = f"gonogo_scratch_{uuid4().hex[:12]}"
    clone, other = f"{name}t", f"{name}0other"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        try:
            for each in (name, clone, other):
                connection.execute(f"CREATE DATABASE {each}")
            connection.execute(f"COMMENT ON DATABASE {clone} IS 'gonogo trial {name}'")
            trials().clear(name)
            assert _there(connection, name) == {other}
        finally:
            for each in (name, clone, other):
                connection.execute(f"DROP DATABASE IF EXISTS {each}")


def test_what_was_never_there_is_gone_already() -> None:
    """It can be asked for again and again."""
    trials().clear(f"gonogo_scratch_{uuid4().hex[:12]}")


def test_only_a_name_with_our_mark_is_dropped() -> None:
    """Nothing else of the server is touched."""
    with pytest.raises(RefusedError, match="is not a scratch database of ours"):
        trials().clear("postgres")
