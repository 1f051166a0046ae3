"""Rows in one go."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE users SET age = 1",),
        ("UPDATE users SET age = 1 WHERE age IS NULL",),
        ("UPDATE orders o SET note = u.name FROM users u WHERE u.id = o.user_id",),
        ("DELETE FROM users WHERE name IS NULL",),
        ("WITH x AS (SELECT 1) UPDATE users SET age = 2",),
        ("DO $$ BEGIN FOR r IN SELECT id FROM users LOOP UPDATE users SET age = 1 WHERE id = r.id; END LOOP; END $$",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "unbounded-data-change" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE users SET age = 1 WHERE id = 5",),
        ("UPDATE users SET age = 1 WHERE id IN (SELECT id FROM users WHERE age IS NULL LIMIT 1000)",),
        ("UPDATE users SET age = 1 WHERE id BETWEEN 1 AND 1000",),
        ("DELETE FROM users WHERE name IN ('a', 'b')",),
        ("UPDATE users SET age = 1 WHERE id = %(id_1)s",),
        ("INSERT INTO users (id) VALUES (1)",),
        ("CREATE TABLE n (a int)", "UPDATE n SET a = 1"),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "unbounded-data-change" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "WHERE id IN (SELECT id FROM users WHERE (age is null) AND id > :last ORDER BY id LIMIT 1000)" in fixes(
        "unbounded-data-change", "UPDATE users SET age = 1 WHERE age IS NULL"
    )


LOOP = """
def upgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.text({query!r})).fetchall()
    for row in rows:
        bind.execute(users.update().where(users.c.id == row.id).values(age=1))
"""


def test_row_by_row_stops_although_an_empty_table_shows_no_statement() -> None:
    """Told by the source."""
    assert "unbounded-data-change" in blocked("SELECT 1", source=LOOP.format(query="SELECT id FROM users"))


def test_a_batch_that_is_read_may_be_written_row_by_row() -> None:
    """It is limited."""
    source = LOOP.format(query="SELECT id FROM users LIMIT 1000")
    assert "unbounded-data-change" not in blocked("SELECT 1", source=source)


def test_sql_that_an_empty_database_did_not_reach_is_read_from_the_source() -> None:
    """A condition that was not met."""
    source = "def upgrade() -> None:\n    if rows:\n        op.execute('UPDATE users SET age = 1')\n"
    assert "unbounded-data-change" in blocked("SELECT 1", source=source)
