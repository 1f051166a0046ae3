"""What is told of a program's failure is its last line, and never the values that a database quotes below it."""

import pytest

from gonogo.adapters.processes import last_words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("one\ntwo\n\n", "two"),
        ("", "it printed nothing"),
        ("DETAIL: all there is", "DETAIL: all there is"),
        (
            "UniqueViolation: duplicate key value\nDETAIL:  Key (mail)=(ann@example.org\nand more) already exists.\n",
            "UniqueViolation: duplicate key value",
        ),
        (
            'pg_restore: error: COPY failed for table "t": ERROR:  value too long\nCONTEXT:  COPY t, line 1: "ann"',
            'pg_restore: error: COPY failed for table "t": ERROR:  value too long',
        ),
    ],
)
def test_last_words(said: str, words: str) -> None:
    """They go into ledgers, reports and logs."""
    assert last_words(said) == words
