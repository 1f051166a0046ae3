"""The option `--env` of the smoke suite, where a person runs it: pytest -p backend.tests.smoke_option."""

import os

import pytest

from backend.tests.smoke import TOLD


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take --env."""
    parser.addoption("--env", default="", help="Which environment is meant; production is refused without it.")


def pytest_configure(config: pytest.Config) -> None:
    """Tell the suite as a release does."""
    if meant := config.getoption("--env"):
        os.environ[TOLD] = meant
