"""What is read in statements, and what is said of them."""

import pytest

from gonogo_migrator.blockers import stripped
from gonogo_migrator.online import is_online


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 'a''b', 12.5 FROM t1", "SELECT ?, ? FROM t1"),
        ("SELECT E'a\\'b', $1 -- 'note'\n FROM \"It's 4\"", 'SELECT ?, $1 FROM "It\'s 4"'),
        ("DO $x$ SELECT 'secret' $x$", "DO ?"),
        ("SELECT /* 'x */ 'cut off by the serv", "SELECT ?"),
        (r"SELECT FROM t WHERE p = 'C:\' AND mail = 'ann@example.org'", "SELECT FROM t WHERE p = ?"),
        (r"SELECT FROM t WHERE p LIKE'C:\' AND mail = 'ann@example.org'", "SELECT FROM t WHERE p LIKE?"),
        ("SELECT 0xC0FFEE, 1e5, 1_000_000 FROM t", "SELECT ?, ?, ? FROM t"),
        ("SELECT " + "a, " * 100, "SELECT " + "a, " * 37 + "a…"),
    ],
)
def test_a_statement_is_told_without_its_values(query: str, said: str) -> None:
    """They may be anybody's data."""
    assert stripped(query) == said


@pytest.mark.parametrize(
    ("statement", "alone", "online"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", True, True),
        ("create unique index concurrently if not exists i on t (a)", False, True),
        ("DROP INDEX CONCURRENTLY i", True, True),
        ("REINDEX (VERBOSE) INDEX CONCURRENTLY i", True, True),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", True, True),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", True, True),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", False, False),
        ("ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN a int", True, False),
        ("VACUUM t", True, True),
        ("VACUUM (FULL) t", True, False),
        ("CREATE INDEX i ON t (a)", True, False),
        ("ALTER TYPE mood ADD VALUE 'CREATE INDEX CONCURRENTLY'", True, False),
        ("ALTER TABLE t ADD COLUMN a int", True, False),
    ],
)
def test_only_what_keeps_nobody_waiting_runs_without_limits(statement: str, *, alone: bool, online: bool) -> None:
    """Everything else would stand in everybody's way for as long as it takes."""
    assert is_online(statement, alone=alone) is online
