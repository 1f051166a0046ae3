"""What every task passes through: the command that a refusal names can be pasted."""

import sys

import pytest

from gonogo.errors import UsageError
from gonogo.tasks import door
from gonogo.tasks.console import Console


def test_a_question_that_nobody_answered_names_the_same_command_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its flags stay as they were given, quoted for a shell."""
    monkeypatch.setattr(sys, "argv", ["invoke", "deploy.abort", "--env", "staging", "--reason", "it's late"])
    with pytest.raises(UsageError) as refused:
        door.demand_yes(Console(), "go back?", yes=False)

    assert refused.value.hint == """invoke deploy.abort --env staging --reason 'it'"'"'s late' --yes"""
