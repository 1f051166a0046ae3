"""What is tried out on the server that serves loads it."""

from dataclasses import replace

from gonogo.checks.scratch_is_apart import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG


def test_the_targets_own_server_is_no_scratch_server() -> None:
    """Both variables are named, and which of them to change."""
    ((severity, message, hint),) = said(check, database__scratch_is_apart=False)
    assert severity is Severity.BLOCK
    assert message.startswith("SCRATCH_DATABASE_URL leads to the server of DATABASE_URL")
    assert hint.startswith("set SCRATCH_DATABASE_URL to a server of its own")


def test_a_server_of_its_own_is_not_spoken_of() -> None:
    """Nothing is to be done."""
    assert said(check, database__scratch_is_apart=True) == []


def test_a_local_stack_has_one_server_for_both() -> None:
    """Nobody is served by it but its owner."""
    stacked = replace(CONFIG, target=replace(CONFIG.target, stack="local"))
    assert said(check, stacked, database__scratch_is_apart=False) == []
