"""Errors are forms, and exit codes stand in one place."""

import re

import pytest

from gonogo import errors
from gonogo.errors import ConfigurationError, ExitCode, GonogoError, StepFailedError

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GonogoError)]


def test_exit_codes_are_the_ones_that_are_documented() -> None:
    """DESIGN section 4."""
    assert sorted(ExitCode) == [0, 1, 2, 3, 4, 5, 6, 7, 130]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_ends_with_a_code_of_failure(kind: type[GonogoError]) -> None:
    """None of them can pass for a success."""
    assert kind.exit_code in set(ExitCode) - {ExitCode.RELEASED}


@pytest.mark.parametrize("kind", [each for each in CLASSES if each is not GonogoError])
def test_the_page_shows_every_error_with_its_code(kind: type[GonogoError]) -> None:
    """The tree at the top is the truth."""
    tree = errors.__doc__ or ""
    assert re.search(rf"─ {kind.__name__} +{int(kind.exit_code)}\b", tree)


def test_an_error_is_a_form() -> None:
    """What, where, why, what next."""
    error = StepFailedError("made-up", "it broke", where="here", why="because", hint="do that")
    filled = (error.reference, error.message, error.where, error.why, error.hint)
    assert (filled, str(error)) == (("made-up", "it broke", "here", "because", "do that"), "it broke")


def test_a_configuration_error_keeps_its_problems_apart() -> None:
    """They are shown as a list."""
    error = ConfigurationError("x", "two problems", problems=("one", "two"))
    assert (error.problems, error.where) == (("one", "two"), "one; two")
