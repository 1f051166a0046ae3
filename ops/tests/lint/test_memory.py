"""What is remembered of a history between commands: all of it, and not for longer than it is true."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo import linting
from gonogo.linting.foreseeing import Scope, look_ahead
from tests.house.sources import ROOT
from tests.lint.projects import SERVER, SYNC, add, judged, project

ENVIRONMENT = '[environments.shop]\ndatabase_url = "$SHOP_URL"\nscratch_url = "$SCRATCH_URL"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a project that takes something away, and gets a finding for it."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int, age int)")')
    add(root, "a2", "a1", 'op.execute("ALTER TABLE t0 DROP COLUMN age")', 'op.execute("CREATE INDEX ix ON t0 (id)")')
    return root


def test_what_is_remembered_is_what_was_judged(shop: Path) -> None:
    """Each record as it was: its findings, its locks, what it takes away, and what is foreseen from it."""
    setup = linting.migration_setup(shop, {})
    found, known = judged(setup), linting.memory(setup)
    known.keep(found)

    again = known.recalled()

    assert again == found
    assert again is not None
    assert [each.deeds.takes for each in again.revisions][1]
    assert look_ahead(again, None, Scope(is_all=True)) == look_ahead(found, None, Scope(is_all=True))


@pytest.mark.parametrize("change", ["a revision", "env.py", "another revision"])
def test_a_change_of_the_project_is_another_history(shop: Path, change: str) -> None:
    """Nothing of the former one is told."""
    setup = linting.migration_setup(shop, {})
    linting.memory(setup).keep(judged(setup))
    paths = {"a revision": shop / "migrations/versions/a2_change.py", "env.py": shop / "migrations/env.py"}
    if path := paths.get(change):
        path.write_text(path.read_text() + "\n# changed\n")
    else:
        add(shop, "a3", "a2")

    known = linting.memory(setup)

    assert (known.is_captured, known.recalled()) == (False, None)


@pytest.mark.parametrize("text", ['{"trunc', "{}", "[]"])
def test_what_was_kept_and_is_damaged_is_found_anew(shop: Path, text: str) -> None:
    """A full disk or a killed machine leaves halves of files; they are worth no more than none."""
    setup = linting.migration_setup(shop, {})
    found, known = judged(setup), linting.memory(setup)
    known.keep(found)
    whole = known.captured.read_text()
    known.judged.write_text(text)
    known.captured.write_text(text)

    assert linting.memory(setup).recalled() is None
    assert judged(setup) == found
    assert known.captured.read_text() == whole


def test_a_history_that_was_not_captured_is_not_remembered(shop: Path) -> None:
    """It may be captured the next time."""
    setup = linting.migration_setup(shop, {})
    known = linting.memory(setup)
    known.keep(judged(setup, server=None))

    assert (known.is_captured, known.recalled()) == (False, None)


def test_plan_and_lint_share_what_one_of_them_has_judged(shop: Path) -> None:
    """The second runs no interpreter, needs no server and says the same; bytecode is kept aside where none may lie."""
    (shop / "gonogo.toml").write_text(ENVIRONMENT)
    (shop / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    told = {**os.environ, "PYTHONPATH": str(ROOT / "ops"), "PYTHONDONTWRITEBYTECODE": "1", "SHOP_URL": SERVER}

    def invoke(task: str, scratch: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "invoke", task, "--all", "--env", "shop", "--json")
        environ = {**told, "SCRATCH_URL": scratch}
        return subprocess.run(command, cwd=shop, env=environ, capture_output=True, text=True, check=False)

    linted = invoke("migrate.lint", SERVER)
    planned = invoke("migrate.plan", "postgresql://nobody@nowhere.invalid/none")

    assert (linted.returncode, planned.returncode) == (4, 0), linted.stderr + planned.stderr
    assert [each["manner"] for each in json.loads(planned.stdout)["pending"]] == ["captured", "captured"]
    found = {each["reference"] for each in json.loads(linted.stdout)["findings"]}
    assert found <= {each["rule"] for one in json.loads(planned.stdout)["pending"] for each in one["findings"]}
    assert any((shop / ".gonogo" / "bytecode").rglob("judging*.pyc"))
    assert not any((shop / "migrations").rglob("*.pyc"))
