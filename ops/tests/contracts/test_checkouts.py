"""The port Checkouts. What a killed or a second process does to it is in ops/tests/local/test_checkouts.py."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonogo.adapters.checkouts import Checkouts as RealCheckouts
from gonogo.errors import RefusedError
from gonogo.protocols import Checkouts
from gonogo.testing import NEW, OLD, MemoryCheckouts, Scene
from tests.contracts import repositories

pytestmark = pytest.mark.contracts

# Makes the folder of an environment and what passes for an interpreter in it.
ENVIRONMENT = ("sh", "-c", 'mkdir -p "$UV_PROJECT_ENVIRONMENT/bin" && : >"$UV_PROJECT_ENVIRONMENT/bin/python"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """Checkouts of a repository with two commits."""

    checkouts: Checkouts
    first: str
    second: str


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return an empty repository."""
    return repositories.created(tmp_path / "repository")


@pytest.fixture
def real(path: Path, tmp_path: Path) -> RealCheckouts:
    """Return its checkouts."""
    return RealCheckouts(
        repository=path, root=tmp_path / "checkouts", environment=ENVIRONMENT, key_files=("lock", "absent")
    )


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, path: Path, real: RealCheckouts, tmp_path: Path) -> Bench:
    """Return checkouts, none of which has been made yet."""
    if request.param == "memory":
        return Bench(checkouts=MemoryCheckouts(Scene(root=tmp_path)), first=OLD, second=NEW)
    first = repositories.commit(path, "first", lock="1", a="1")
    return Bench(checkouts=real, first=first, second=repositories.commit(path, "second", a="2"))


class TestCheckouts:
    """Commits as folders with their own environments."""

    def test_a_checkout_is_of_the_commit(self, bench: Bench) -> None:
        """The one that was asked for."""
        assert bench.checkouts.provide(bench.first).commit == bench.first

    def test_two_commits_live_in_two_folders(self, bench: Bench) -> None:
        """So that both can run at once."""
        first, second = bench.checkouts.provide(bench.first), bench.checkouts.provide(bench.second)

        assert first.path != second.path

    def test_the_same_commit_is_the_same_checkout(self, bench: Bench) -> None:
        """Asking twice changes nothing."""
        assert bench.checkouts.provide(bench.first) == bench.checkouts.provide(bench.first)


class TestRealCheckouts:
    """What only real folders show."""

    def test_the_files_and_the_label_are_there(self, path: Path, real: RealCheckouts) -> None:
        """`build.json` says which commit it is, as an image's build does."""
        commit = repositories.commit(path, "first", a="1")

        checkout = real.provide(commit)

        assert (checkout.path / "a").read_text() == "1"
        said = json.loads((checkout.path / "build.json").read_text())
        assert (said.pop("commit"), re.fullmatch(r"[0-9a-f]{32}", said.pop("build_id")) is not None) == (commit, True)
        assert said == {}
        assert checkout.python.is_file()

    def test_equal_key_files_share_an_environment(self, path: Path, real: RealCheckouts) -> None:
        """Installing takes longer than anything else."""
        commits = [
            repositories.commit(path, "first", lock="1", a="1"),
            repositories.commit(path, "second", lock="1", a="2"),
            repositories.commit(path, "third", lock="2", a="2"),
        ]

        first, second, third = (real.provide(commit).python for commit in commits)

        assert first == second
        assert first != third

    def test_an_unknown_commit_is_refused(self, path: Path, real: RealCheckouts) -> None:
        """In words, and nothing that looks like a checkout is left."""
        repositories.commit(path, "first")

        with pytest.raises(RefusedError):
            real.provide("0" * 40)

    def test_a_failing_environment_is_refused_with_its_words(self, path: Path, tmp_path: Path) -> None:
        """The next command says what it said."""
        commit = repositories.commit(path, "first")
        command = ("sh", "-c", "echo no such package >&2; exit 3")
        broken = RealCheckouts(repository=path, root=tmp_path / "broken", environment=command, key_files=())

        with pytest.raises(RefusedError, match="no such package"):
            broken.provide(commit)

    def test_after_release_git_knows_no_worktree(self, path: Path, real: RealCheckouts) -> None:
        """Neither folders nor git's notes about them are left."""
        real.provide(repositories.commit(path, "first"))

        real.release()

        assert repositories.git(path, "worktree", "list").count("\n") == 0
        assert not (real.root / "trees").exists()
