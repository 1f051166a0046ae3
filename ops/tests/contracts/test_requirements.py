"""The service's own command tells what a release needs; what else may answer in its place is told in words."""

import sys
from pathlib import Path

import pytest

from gonogo.adapters.requirements import CommandRequirements
from gonogo.model import Checkout, Declared

ROOT = Path(__file__).resolve().parents[3]
CHECKOUT = Checkout(commit="c" * 40, path=ROOT, python=Path(sys.executable))


def _printing(text: str, *, code: int = 0) -> CommandRequirements:
    """Return the adapter over a command that prints a text."""
    program = f"import sys; sys.stdout.write({text!r}); sys.exit({code})".replace("{", "{{").replace("}", "}}")
    return CommandRequirements(("{python}", "-c", program))


@pytest.mark.contracts
class TestRequirements:
    """Asked of a checkout."""

    def test_the_service_says_what_it_needs(self) -> None:
        """By its own command, without any of its settings."""
        command = ("{python}", "-m", "backend.admin.main", "required-settings", "--json")

        said = CommandRequirements(command).of(CHECKOUT)

        assert said is not None
        assert said.problem == ""
        assert "SECRET_KEY" in said.services["worker"].required
        assert said.services["api"].together["TODOIST_API_TOKEN"] == ("TODOIST_OWNER_EMAIL",)

    def test_a_project_without_the_command_says_nothing(self) -> None:
        """That is no problem of the release."""
        assert CommandRequirements(()).of(CHECKOUT) is None

    def test_an_older_release_does_not_know_the_command(self) -> None:
        """Its last words are told."""
        command = ("{python}", "-m", "backend.admin.main", "no-such-command")

        said = CommandRequirements(command).of(CHECKOUT)

        assert said is not None
        assert "ended with 2" in said.problem
        assert "no-such-command" in said.problem

    def test_a_program_that_is_not_there_is_told(self) -> None:
        """By its name."""
        assert CommandRequirements(("no-such-program",)).of(CHECKOUT) == Declared(
            problem="no-such-program cannot be run: No such file or directory"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "no json",
            "[]",
            "3",
            '{"api": []}',
            '{"api": {}}',
            '{"api": {"required": "A"}}',
            '{"api": {"required": [1]}}',
        ],
    )
    def test_anything_else_is_not_taken_for_an_answer(self, text: str) -> None:
        """A text is not read as its letters."""
        said = _printing(text).of(CHECKOUT)

        assert said is not None
        assert "does not print JSON as docs/checks.md shows it" in said.problem
