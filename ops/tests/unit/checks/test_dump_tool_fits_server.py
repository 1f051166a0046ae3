"""A dump tool older than the server cannot dump it."""

import pytest

from gonogo.checks.dump_tool_fits_server import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


@pytest.mark.parametrize(
    ("tool", "words"), [(None, "there is no pg_dump"), (17, "pg_dump 17 is older than the server (18)")]
)
def test_a_tool_that_cannot_dump_the_server_blocks(tool: int | None, words: str) -> None:
    """Absent or older; which one to install."""
    ((severity, message, hint),) = said(check, database__dump_tool_version=tool)
    assert (severity, message.startswith(words), "PostgreSQL 18 client" in hint) == (Severity.BLOCK, True, True)


@pytest.mark.parametrize("tool", [18, 19])
def test_a_tool_of_the_same_age_or_newer_fits(tool: int) -> None:
    """Both versions are said."""
    assert said(check, database__dump_tool_version=tool) == [(Severity.INFO, f"pg_dump {tool}, server 18", "")]
