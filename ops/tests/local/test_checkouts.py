"""A commit becomes a folder with its own environment, once, whoever asks and whoever was killed."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gonogo.adapters.checkouts import Checkouts
from gonogo.errors import RefusedError
from gonogo.model import Checkout
from tests.local.conftest import Repository, git, python

COUNT = """
import os, pathlib, sys
home = pathlib.Path(os.environ["UV_PROJECT_ENVIRONMENT"])
(home / "bin").mkdir(parents=True)
(home / "bin" / "python").symlink_to(sys.executable)
with open(sys.argv[1], "a") as file:
    file.write(os.environ.get("VIRTUAL_ENV", "none") + "\\n")
"""


def checkouts(
    root: Path, repository: Repository, *, environment: tuple[str, ...] = (), key_files: tuple[str, ...] = ()
) -> Checkouts:
    """Return checkouts below a root."""
    return Checkouts(repository=repository.path, root=root, environment=environment, key_files=key_files)


def counted(root: Path, repository: Repository) -> Checkouts:
    """Return checkouts whose environments are counted in a file."""
    command = (sys.executable, "-c", COUNT, str(root / "installed"))
    return checkouts(root, repository, environment=command, key_files=("worker.py", "absent.lock"))


def test_a_commit_is_provided_with_its_build_file(tmp_path: Path, repository: Repository) -> None:
    """The folder holds the commit's files, and says which commit it was built from."""
    found = checkouts(tmp_path, repository).provide(repository.first)
    assert found == Checkout(commit=repository.first, path=found.path, python=Path(sys.executable))
    assert (found.path / "note").read_text() == "first"
    assert json.loads((found.path / "build.json").read_text())["commit"] == repository.first


def test_two_builds_of_one_commit_are_told_apart(tmp_path: Path, repository: Repository) -> None:
    """What is made again is another build, what is found is the same one."""
    first = checkouts(tmp_path, repository).provide(repository.first).path / "build.json"
    said = [json.loads(first.read_text())["build_id"]]
    checkouts(tmp_path, repository).provide(repository.first)
    said.append(json.loads(first.read_text())["build_id"])
    first.unlink()
    checkouts(tmp_path, repository).provide(repository.first)
    said.append(json.loads(first.read_text())["build_id"])
    assert said[0] == said[1] != said[2]


def test_a_second_request_finds_the_first(tmp_path: Path, repository: Repository) -> None:
    """What is complete is left as it is."""
    first = checkouts(tmp_path, repository).provide(repository.first)
    (first.path / "trace").touch()
    assert checkouts(tmp_path, repository).provide(repository.first) == first
    assert (first.path / "trace").exists()


def test_what_was_left_half_way_is_made_again(tmp_path: Path, repository: Repository) -> None:
    """A folder without its build file is no checkout."""
    first = checkouts(tmp_path, repository).provide(repository.first)
    (first.path / "build.json").unlink()
    (first.path / "note").unlink()
    assert (checkouts(tmp_path, repository).provide(repository.first).path / "note").exists()


def test_a_provider_that_is_killed_blocks_nobody(tmp_path: Path, repository: Repository) -> None:
    """Its lock goes with it, and the next one ends what it began."""
    code = (
        "import sys, pathlib, time\n"
        "from gonogo.adapters.checkouts import Checkouts\n"
        "root = pathlib.Path(sys.argv[2])\n"
        "class Slow(Checkouts):\n"
        "    def _python(self, tree):\n"
        "        print(tree, flush=True); time.sleep(600)\n"
        "Slow(repository=pathlib.Path(sys.argv[1]), root=root, environment=(), key_files=()).provide(sys.argv[3])\n"
    )
    child = python(code, str(repository.path), str(tmp_path), repository.first)
    assert child.stdout
    child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert checkouts(tmp_path, repository).provide(repository.first).commit == repository.first


def test_two_at_once_make_one(tmp_path: Path, repository: Repository) -> None:
    """Equal lock files share one environment, installed once, without the caller's own."""
    makers = [
        threading.Thread(target=counted(tmp_path, repository).provide, args=(commit,))
        for commit in (repository.first, repository.second, repository.first)
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert (tmp_path / "installed").read_text() == "none\n"


def test_an_environment_left_half_way_is_made_again(tmp_path: Path, repository: Repository) -> None:
    """Without its mark an environment does not count."""
    python_path = counted(tmp_path, repository).provide(repository.first).python
    (python_path.parent.parent / ".gonogo-ready").unlink()
    assert counted(tmp_path, repository).provide(repository.first).python == python_path
    assert (tmp_path / "installed").read_text() == "none\nnone\n"


def test_release_leaves_no_worktree(tmp_path: Path, repository: Repository) -> None:
    """Neither the folder nor git's note stays; another root's worktrees do."""
    mine, other = checkouts(tmp_path / "mine", repository), checkouts(tmp_path / "other", repository)
    for each in (mine, other):
        each.provide(repository.first)
    for _ in range(2):
        mine.release()
    assert not (tmp_path / "mine").exists()
    listed = git(repository.path, "worktree", "list")
    assert str(tmp_path / "mine") not in listed
    assert str(tmp_path / "other") in listed
    other.release()


def test_worktrees_below_another_root_share_environments(tmp_path: Path, repository: Repository) -> None:
    """A stack has its own worktrees, and installs nothing twice."""
    all_of_them = counted(tmp_path, repository)
    first = all_of_them.provide(repository.first)
    second = all_of_them.below(tmp_path / "stack").provide(repository.first)
    assert first.path != second.path
    assert first.python == second.python
    all_of_them.below(tmp_path / "stack").release()
    assert first.path.exists()


@pytest.mark.parametrize("command", [(), (sys.executable, "-c", "raise SystemExit('no such package')")])
def test_what_cannot_be_made_is_told(tmp_path: Path, repository: Repository, command: tuple[str, ...]) -> None:
    """An unknown commit and a failing installation carry the command's last words."""
    wanted = repository.first if command else "0" * 40
    with pytest.raises(RefusedError, match=r"no such package|invalid reference"):
        checkouts(tmp_path, repository, environment=command).provide(wanted)


def test_the_repository_stays_clean(tmp_path: Path, repository: Repository) -> None:
    """A checkout changes nothing that `git status` would show."""
    checkouts(tmp_path, repository).provide(repository.first)
    status = ("git", "-C", str(repository.path), "status", "--porcelain")
    assert subprocess.run(status, check=True, capture_output=True, text=True).stdout == ""
