"""SECURITY DEFINER: the attacks work on what the rules call unsafe, are refused on what they call safe, read live."""

import os
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from gonogo import lint
from gonogo.adapters.functions import definitions
from gonogo.adapters.scratch import scratch_database
from gonogo.model import Secret

SCHEMA = """
CREATE SCHEMA app;
CREATE TABLE app.acc (owner text, amount integer);
INSERT INTO app.acc VALUES ('bank', 1);
CREATE FUNCTION app.open_table() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS 'BEGIN RETURN (SELECT amount FROM acc); END';
CREATE FUNCTION app.shut_table() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS 'BEGIN RETURN (SELECT amount FROM app.acc); END';
CREATE FUNCTION app.open_type(given text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS 'BEGIN RETURN given::uuid IS NOT NULL; END';
CREATE FUNCTION app.shut_type(given text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
    AS 'BEGIN RETURN given::pg_catalog.uuid IS NOT NULL; END';
CREATE FUNCTION app.shut_path(given text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN given::uuid IS NOT NULL; END';
CREATE FUNCTION app.open_path() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, public
    AS 'BEGIN RETURN (SELECT amount FROM acc); END';
CREATE FUNCTION app.unpinned() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT amount FROM app.acc';
CREATE FUNCTION app.bound() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = ''
    BEGIN ATOMIC SELECT amount FROM app.acc; END;
CREATE FUNCTION app.closed() RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'SELECT amount FROM app.acc';
REVOKE ALL ON FUNCTION app.closed() FROM PUBLIC;
CREATE PROCEDURE app.clear() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM app.acc';
CREATE FUNCTION app.plain() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'BEGIN RETURN NEW; END';
"""
ATTACK = """
CREATE TEMPORARY TABLE acc (owner text, amount integer);
INSERT INTO acc VALUES ('me', 1000000);
GRANT SELECT ON acc TO PUBLIC;
CREATE DOMAIN pg_temp.uuid AS text;
GRANT USAGE ON DOMAIN pg_temp.uuid TO PUBLIC;
"""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Return a database with functions of each sort."""
    with scratch_database(os.environ["TEST_DATABASE_URL"]) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SCHEMA)
        yield url


@pytest.fixture
def attacker(database: str) -> Iterator[psycopg.Connection]:
    """Return a session of somebody who may use the schema and nothing in it, with his own objects made."""
    role = sql.Identifier(f"attacker_{uuid4().hex[:12]}")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {}").format(role))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA app TO {}").format(role))
        connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(role))
        connection.execute(ATTACK)
        yield connection
        connection.execute("RESET SESSION AUTHORIZATION")
        connection.execute("DISCARD TEMP")
        connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def _judged(database: str) -> dict[str, set[str]]:
    """Return the rules that each function of a database breaks, by its name."""
    found: dict[str, set[str]] = {}
    for finding in lint.judge_functions(definitions(Secret("DATABASE_URL", database))):
        found.setdefault(finding.statement.partition("(")[0], set()).add(finding.reference)
    return found


def test_a_temporary_table_is_read_by_the_unsafe_form_alone(attacker: psycopg.Connection) -> None:
    """An empty path does not help where a table is named without its schema."""
    assert attacker.execute("SELECT app.open_table()").fetchone() == (1_000_000,)
    assert attacker.execute("SELECT app.shut_table()").fetchone() == (1,)
    assert attacker.execute("SELECT app.bound()").fetchone() == (1,)


def test_a_path_that_does_not_end_with_pg_temp_reads_it_too(attacker: psycopg.Connection) -> None:
    """Unless it is named, pg_temp is looked in first."""
    assert attacker.execute("SELECT app.open_path()").fetchone() == (1_000_000,)


def test_a_domain_of_a_types_name_is_taken_by_the_unsafe_form_alone(attacker: psycopg.Connection) -> None:
    """What is no UUID passes for one; with the type's schema, or pg_temp at the end, it is refused."""
    assert attacker.execute("SELECT app.open_type('no uuid at all')").fetchone() == (True,)
    for shut in ("app.shut_type", "app.shut_path"):
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            attacker.execute(f"SELECT {shut}('no uuid at all')")


def test_the_rules_say_of_a_live_database_what_the_attacks_have_shown(database: str) -> None:
    """Open is found, shut is let pass; a null ACL is the default one, which PUBLIC is in."""
    found = _judged(database)
    by_path = {name for name, rules in found.items() if "definer-search-path" in rules}
    by_public = {name for name, rules in found.items() if "definer-public" in rules}

    assert by_path == {"app.open_table", "app.open_type", "app.open_path", "app.unpinned", "app.clear"}
    assert by_public == {
        "app.open_table", "app.shut_table", "app.open_type", "app.shut_type", "app.shut_path", "app.open_path",
        "app.unpinned", "app.bound", "app.clear",
    }  # fmt: skip


def test_what_a_finding_says_to_run_mends_it(database: str) -> None:
    """The statements that are written out run as they are."""
    findings = lint.judge_functions(definitions(Secret("DATABASE_URL", database)))
    unpinned = [each.fix for each in findings if each.statement.startswith("app.unpinned")]
    with psycopg.connect(database) as connection:
        for fix in unpinned:
            connection.execute(fix.partition(";")[0].encode())
        connection.execute("COMMIT")

    assert "app.unpinned" not in _judged(database)
