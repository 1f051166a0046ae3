"""The list of checks and the folder hold the same ones."""

import importlib
import pkgutil
from importlib.util import find_spec

import pytest

from gonogo import checks
from gonogo.protocols import Check
from gonogo.testing import Scene
from tests.unit.releases import CONFIG, leaked, observed

MODULES = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))


def test_every_module_of_the_folder_is_asked() -> None:
    """A check that is written and not listed would never be asked."""
    listed = [check.__module__ for check in checks.ALL]
    assert sorted(listed) == [f"gonogo.checks.{name}" for name in MODULES]


@pytest.mark.parametrize("name", MODULES)
def test_a_check_s_findings_carry_its_name(name: str) -> None:
    """The rule in a report leads to its module."""
    check: Check = importlib.import_module(f"gonogo.checks.{name}").check
    assert {finding.rule for finding in check(CONFIG, observed())} <= {name.replace("_", "-")}


@pytest.mark.parametrize("name", MODULES)
def test_every_check_has_its_tests(name: str) -> None:
    """One file per check."""
    assert find_spec(f"tests.unit.checks.test_{name}") is not None


def test_no_secret_is_in_a_finding() -> None:
    """Findings are stored and shown."""
    found = [check(CONFIG, observed(Scene())) for check in checks.ALL]
    assert leaked(repr(found)) == []
