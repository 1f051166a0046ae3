"""`migrate.lint`, in projects that have nothing but a gonogo.toml; and what it says of this repository."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from gonogo import linting
from gonogo.adapters.scratch import scratch_database
from gonogo.bootstrap.linting import applied
from gonogo.errors import ConfigurationError, NoGoError, UsageError
from gonogo.local import postgres
from tests.house.sources import ROOT
from tests.lint.projects import ASYNC, SERVER, SYNC, add, looked, project

ENVIRONMENT = """
[environments.shop]
database_url = "$SHOP_URL"
scratch_url = "$SCRATCH_URL"
"""


def _invoke(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the linter in a project."""
    return _task(root, "migrate.lint", *words, **environ)


def _task(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a task in a project."""
    (root / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    told = {**os.environ, "PYTHONPATH": str(ROOT / "ops"), **environ}
    command = (sys.executable, "-m", "invoke", *words)
    return subprocess.run(command, cwd=root, env=told, capture_output=True, text=True, check=False)


def test_pending_revisions_are_judged_and_block(tmp_path: Path) -> None:
    """Exit code 4, one JSON object; what the environment's database has is not looked at again."""
    root = project(tmp_path, SYNC)
    (root / "gonogo.toml").write_text(ENVIRONMENT)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")', 'op.execute("DROP TABLE IF EXISTS old")')
    add(root, "a2", "a1", 'op.create_index("ix", "t0", ["id"])')
    with scratch_database(SERVER) as shop:
        with psycopg.connect(shop) as connection:
            connection.execute("CREATE TABLE alembic_version AS SELECT 'a1' AS version_num")
        done = _invoke(root, "--env", "shop", "--pending", "--json", SHOP_URL=shop, SCRATCH_URL=SERVER)

    said = json.loads(done.stdout)
    assert (done.returncode, said["exit_code"], said["revisions"], said["rendered"]) == (4, 4, ["a2"], [])
    assert [(each["reference"], each["path"], each["line"]) for each in said["findings"]] == [
        ("index-not-concurrent", "migrations/versions/a2_change.py", 11),
        ("missing-lock-timeout", "migrations/versions/a2_change.py", 11),
    ][: len(said["findings"])]
    assert "CREATE INDEX CONCURRENTLY ix ON t0 (id)" in said["findings"][0]["fix"]
    assert "in production:" in done.stderr


def test_a_database_at_two_branches_is_at_both(tmp_path: Path) -> None:
    """Each has its row in Alembic's table; what neither stands on is looked at."""
    root = project(tmp_path, SYNC)
    (root / "gonogo.toml").write_text(ENVIRONMENT)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')
    add(root, "b1", "a1", 'op.execute("CREATE TABLE t1 (id int)")')
    add(root, "b2", "b1", 'op.execute("CREATE TABLE t2 (id int)")')
    add(root, "c1", "a1", 'op.execute("CREATE TABLE t3 (id int)")')
    with scratch_database(SERVER) as shop:
        with psycopg.connect(shop) as connection:
            connection.execute("CREATE TABLE alembic_version AS SELECT unnest('{b1,c1}'::text[]) AS version_num")
        setup = linting.migration_setup(root, {"SHOP_URL": shop, "SCRATCH_URL": SERVER}, "shop")
        done = applied(setup)
        linted = looked(setup, done=done)

    assert (done, linted.revisions) == (frozenset({"b1", "c1"}), ("b2",))


def test_flags_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    """Before anything is started."""
    done = _invoke(project(tmp_path, SYNC), "--all", "--revision", "a1")

    assert (done.returncode, "exclude each other" in done.stderr) == (2, True)


def test_the_server_that_stays_for_the_next_time_is_taken_down(tmp_path: Path) -> None:
    """By the command that takes a stack down, also where there is nothing but migrations; again it does no harm."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')
    folder = root / ".gonogo" / "lint" / "postgres"
    try:
        _invoke(root)
        (first,) = (folder / "postmaster.pid").read_text().splitlines()[:1]
        ended = _task(root, "stack.down", "--json")
        again = _task(root, "stack.down", "--json")
    finally:
        postgres.stop(folder)

    assert (json.loads(ended.stdout)["removed"], json.loads(again.stdout)["removed"]) == (["lint"], [])
    assert (psutil.pid_exists(int(first)), folder.exists()) == (False, False)


def test_a_history_of_hundreds_with_branches_is_read_as_a_whole(tmp_path: Path) -> None:
    """Async, two heads: every revision is captured, and each danger is found in its own revision."""
    root = project(tmp_path, ASYNC)
    add(root, "r000", None, 'op.execute("CREATE TABLE t0 (id int)")')
    for number in range(1, 300):
        line = f'op.execute("CREATE TABLE t{number} (id int)")' if number % 50 else 'op.drop_table("t1")'
        add(
            root,
            f"r{number:03}",
            f"r{number - 1:03}",
            line,
            *(['op.execute("CREATE TABLE t1 (id int)")'] * (number % 50 == 0)),
        )
    add(root, "side", "r100", 'op.execute("ALTER TABLE t0 ADD COLUMN c text")')

    linted = looked(linting.migration_setup(root, {}))

    assert (len(linted.revisions), linted.rendered, linted.notes) == (301, (), ())
    blocking = [(each.reference, each.revision) for each in linted.blocking]
    assert [each for each in blocking if each[0] == "multiple-heads"] == [("multiple-heads", "")]
    assert [each[1] for each in blocking if each[0] == "drop-table"] == ["r050", "r100", "r150", "r200", "r250"]


def test_this_repositorys_own_revisions_are_clean() -> None:
    """All of them captured, nothing blocks; what is waived has its reason."""
    found = linting.migration_setup(ROOT, {})
    setup = replace(found, command=tuple(word.format(python=sys.executable) for word in found.command))
    linted = looked(setup)

    assert (linted.rendered, linted.notes, linted.blocking) == ((), (), ())
    assert len(linted.revisions) >= 12
    assert {each.reference for each in linted.findings if each.waived} == {"lossy-downgrade", "several-tables-locked"}


@pytest.mark.parametrize(("only", "message"), [("zz", "no revision 'zz'"), ("a", "'a' is short for a1, a2")])
def test_a_revision_that_is_not_there_is_refused(tmp_path: Path, only: str, message: str) -> None:
    """With what it may mean."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None)
    add(root, "a2", "a1")

    with pytest.raises(UsageError, match=message):
        looked(linting.migration_setup(root, {}), server=None, only=only)


def test_a_database_that_is_ahead_is_refused(tmp_path: Path) -> None:
    """Its revision is named."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None)

    with pytest.raises(NoGoError, match="later"):
        looked(linting.migration_setup(root, {}), server=None, done=frozenset({"later"}))


def test_every_problem_of_the_file_is_said_at_once(tmp_path: Path) -> None:
    """What, and where it is set."""
    (tmp_path / "gonogo.toml").write_text(
        '[commands]\nmigrate = "alembic"\n[lint]\nenv = 1\n[environments.a]\ndatabase_url = "$NO"'
    )

    with pytest.raises(ConfigurationError) as caught:
        linting.migration_setup(tmp_path, {}, "a")

    assert len(caught.value.problems) == 4


def _lacking(tmp_path: Path) -> Path:
    """Return a project whose `.venv` lacks what its env.py imports, and whose [artifact] makes what has it."""
    root = project(tmp_path / "project", "import only_in_the_artifact\n" + SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')
    (root / "lock.txt").write_text("1")
    script = (
        'import os, pathlib, sys, venv; home = pathlib.Path(os.environ["UV_PROJECT_ENVIRONMENT"]); '
        "venv.create(home, symlinks=True); "
        'packages = next((home / "lib").glob("python*")) / "site-packages"; '
        '(packages / "only_in_the_artifact.py").write_text(""); '
        '(packages / "ours.pth").write_text("\\n".join(each for each in sys.path if each.endswith("site-packages")))'
    )
    install = json.dumps([sys.executable, "-c", script])
    (root / "gonogo.toml").write_text(f'[artifact]\nenvironment = {install}\nkey_files = ["lock.txt"]\n')
    return root


def test_packages_that_the_interpreter_lacks_come_from_the_artifact(tmp_path: Path) -> None:
    """Captured, not rendered, with uncommitted revisions; a note says where it was run and why."""
    root = _lacking(tmp_path)

    for _ in range(2):
        linted = looked(linting.migration_setup(root, {}))

        assert (linted.revisions, linted.rendered, len(linted.notes)) == (("a1",), (), 1)
        assert "run in the environment of lock.txt" in linted.notes[0]
        assert "lacks only_in_the_artifact" in linted.notes[0]


def test_an_artifact_that_cannot_be_made_leaves_what_is_known(tmp_path: Path) -> None:
    """Rendered, and both reasons are said."""
    root = _lacking(tmp_path)
    (root / "gonogo.toml").write_text('[artifact]\nenvironment = ["false"]\nkey_files = ["lock.txt"]\n')

    linted = looked(linting.migration_setup(root, {}))

    assert linted.rendered == ("a1",)
    assert any("lacks only_in_the_artifact, and false" in note for note in linted.notes)
