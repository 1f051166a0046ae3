"""The project's command that writes its contracts: it gets its words, and its no is told with its reasons."""

import sys
from pathlib import Path

import pytest

from gonogo.adapters import contracts
from gonogo.errors import ConfigurationError, NoGoError
from gonogo.model import Checkout

SAY = "import sys, os; print(os.getcwd(), *sys.argv[1:])"
REFUSE = "import sys; sys.stderr.write('plan.v1: a is gone\\nNothing was written.\\n'); sys.exit(4)"


def checkout(path: Path) -> Checkout:
    """Return a checkout whose interpreter is this one."""
    return Checkout(path=path, python=Path(sys.executable), commit="c" * 40)


@pytest.mark.parametrize(("check", "flags"), [(False, ""), (True, " --check")])
def test_runs_in_the_tree(tmp_path: Path, check: bool, flags: str) -> None:
    """With the checkout's interpreter, which has what the tree needs."""
    command = ("{python}", "-c", SAY, "folder")

    said = contracts.write(command, checkout(tmp_path / "other"), root=tmp_path, check=check)

    assert said == f"{tmp_path} folder{flags}"


def test_its_no_is_told_with_its_reasons(tmp_path: Path) -> None:
    """Exit code 4: nothing was changed."""
    with pytest.raises(NoGoError) as caught:
        contracts.write(("{python}", "-c", REFUSE), checkout(tmp_path), root=tmp_path, check=False)

    assert caught.value.where == "plan.v1: a is gone; Nothing was written."


def test_a_project_may_have_none(tmp_path: Path) -> None:
    """Then it is said where to name the command."""
    with pytest.raises(ConfigurationError, match="does not say") as caught:
        contracts.write((), checkout(tmp_path), root=tmp_path, check=False)

    assert "[commands] contracts" in caught.value.hint
