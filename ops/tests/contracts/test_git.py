"""The port Git."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from uv import find_uv_bin

from gonogo.adapters.git import GitRepository
from gonogo.errors import RefusedError, UsageError
from gonogo.protocols import Git
from gonogo.testing import NEW, OLD, MemoryGit, Scene
from tests.contracts import repositories

pytestmark = pytest.mark.contracts


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A repository with two commits."""

    git: Git
    first: str
    second: str
    soil: Callable[[], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return an empty repository."""
    return repositories.created(tmp_path / "repository")


@pytest.fixture
def repository(path: Path) -> GitRepository:
    """Return it behind the port."""
    return GitRepository(path, uv=find_uv_bin(), ignored=("log.md",))


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, path: Path, repository: GitRepository) -> Bench:
    """Return a clean checkout of the second commit."""
    if request.param == "memory":
        scene = Scene()
        return Bench(git=MemoryGit(scene), first=OLD, second=NEW, soil=lambda: setattr(scene, "dirty", ("a.txt",)))
    first = repositories.commit(path, "Say nothing", a__txt="1")
    second = repositories.commit(path, "Say hello", a__txt="2")
    return Bench(git=repository, first=first, second=second, soil=lambda: (path / "a.txt").write_text("3"))


class TestGit:
    """The repository that the release is made from."""

    def test_facts_name_the_head(self, bench: Bench) -> None:
        """The commit that is checked out, and its subject."""
        facts = bench.git.facts()

        assert (facts.commit, facts.subject) == (bench.second, "Say hello")

    def test_a_clean_tree_is_not_dirty(self, bench: Bench) -> None:
        """Nor is anything unpushed where there is no remote."""
        facts = bench.git.facts()

        assert facts.dirty == ()
        assert not facts.unpushed

    def test_a_changed_file_is_dirty(self, bench: Bench) -> None:
        """By its path."""
        bench.soil()

        assert bench.git.facts().dirty == ("a.txt",)

    def test_head_resolves_to_forty_digits(self, bench: Bench) -> None:
        """Whatever is checked out."""
        assert bench.git.resolve("HEAD") == bench.second

    def test_a_commit_resolves_to_itself(self, bench: Bench) -> None:
        """Also an older one."""
        assert bench.git.resolve(bench.first) == bench.first

    def test_an_unknown_ref_is_a_usage_error(self, bench: Bench) -> None:
        """It names the ref."""
        with pytest.raises(UsageError, match="no-such-ref"):
            bench.git.resolve("no-such-ref")

    def test_a_snapshot_is_a_commit(self, bench: Bench) -> None:
        """Of forty digits, known to git."""
        bench.soil()
        snapshot = bench.git.snapshot()

        assert bench.git.resolve(snapshot) == snapshot


class TestGitRepository:
    """What only a real repository shows."""

    def test_a_snapshot_holds_changed_new_and_no_removed_files(self, path: Path, repository: GitRepository) -> None:
        """The working tree as it is."""
        repositories.commit(path, "first", changed="old", removed="x")
        (path / "changed").write_text("new")
        (path / "removed").unlink()
        (path / "added").write_text("new")

        snapshot = repository.snapshot()

        assert repositories.git(path, "ls-tree", "--name-only", snapshot).split() == ["added", "changed"]
        assert repositories.git(path, "show", f"{snapshot}:changed") == "new"

    def test_a_snapshot_touches_neither_tree_nor_index_nor_refs(self, path: Path, repository: GitRepository) -> None:
        """What a person has staged stays staged, and nothing else is."""
        repositories.commit(path, "first", a="1")
        (path / "b").write_text("2")
        before = [repositories.git(path, *words.split()) for words in ("status --porcelain", "for-each-ref")]

        repository.snapshot()

        after = [repositories.git(path, *words.split()) for words in ("status --porcelain", "for-each-ref")]
        assert after == before

    def test_equal_trees_give_equal_snapshots(self, path: Path, repository: GitRepository) -> None:
        """So that a checkout of it can be used again."""
        repositories.commit(path, "first", a="1")
        (path / "a").write_text("2")

        assert repository.snapshot() == repository.snapshot()

    def test_relabelled_is_the_same_tree_under_another_commit(self, path: Path, repository: GitRepository) -> None:
        """A version that differs in its name only."""
        commit = repositories.commit(path, "first", a="1")

        other = repository.relabel(commit)

        assert other != commit
        assert repositories.git(path, "diff", "--name-only", commit, other) == ""

    def test_with_file_adds_that_file(self, path: Path, repository: GitRepository) -> None:
        """And nothing else, in folders that are made for it."""
        commit = repositories.commit(path, "first", a="1")

        other = repository.with_file(commit, "deep/down/b", "text ü\n")

        assert repositories.git(path, "diff", "--name-only", commit, other) == "deep/down/b"
        assert repositories.git(path, "show", f"{other}:deep/down/b") == "text ü"

    def test_ancestors_come_nearest_first(self, path: Path, repository: GitRepository) -> None:
        """Without the commit itself."""
        commits = [repositories.commit(path, name) for name in ("one", "two", "three")]

        assert repository.ancestors(commits[2]) == (commits[1], commits[0])

    def test_has_knows_the_files_of_a_commit(self, path: Path, repository: GitRepository) -> None:
        """Not those of the tree."""
        commit = repositories.commit(path, "first", a="1")
        (path / "b").write_text("2")

        assert repository.has(commit, "a")
        assert not repository.has(commit, "b")

    def test_what_a_release_writes_is_not_dirty(self, path: Path, repository: GitRepository) -> None:
        """The evidence log is written to by releases themselves."""
        repositories.commit(path, "first", log__md="1")
        (path / "log.md").write_text("2")

        assert repository.facts().dirty == ()

    @pytest.mark.parametrize("name", ["two words", "ümlaut", 'quo"te', " -> "], ids=str)
    def test_dirty_names_paths_as_they_are(self, path: Path, repository: GitRepository, name: str) -> None:
        """Neither quoted nor escaped."""
        repositories.commit(path, "first")
        (path / name).write_text("2")

        assert repository.facts().dirty == (name,)

    def test_a_renamed_file_is_dirty_once(self, path: Path, repository: GitRepository) -> None:
        """By its new path."""
        repositories.commit(path, "first", old="1\n2\n3\n")
        repositories.git(path, "mv", "old", "a new one")

        assert repository.facts().dirty == ("a new one",)

    def test_a_commit_that_no_remote_has_is_unpushed(self, path: Path, repository: GitRepository) -> None:
        """Coolify could not build it."""
        repositories.commit(path, "first")
        remote = repositories.created(path.parent / "remote")
        repositories.git(path, "remote", "add", "origin", str(remote))
        before = repository.facts().unpushed
        repositories.git(path, "push", "--quiet", "origin", "main:elsewhere")

        assert (before, repository.facts().unpushed) == (True, False)

    def test_pins_are_read_from_every_file_that_has_one(self, path: Path, repository: GitRepository) -> None:
        """`.python-version`, and each Dockerfile's base image."""
        files = {"Dockerfile": "FROM python:3.12.1-slim\n", "Dockerfile.worker": "ARG PYTHON_VERSION=3.11\n"}
        for name, text in {".python-version": "3.11\n", **files}.items():
            (path / name).write_text(text)
        repositories.commit(path, "first")

        pins = repository.facts().python_pins

        assert pins == {".python-version": "3.11", "Dockerfile": "3.12.1", "Dockerfile.worker": "3.11"}

    def test_outside_of_a_repository_git_says_no_in_words(self, tmp_path: Path) -> None:
        """Not with a stack trace."""
        with pytest.raises((RefusedError, UsageError)):
            GitRepository(tmp_path, uv=find_uv_bin()).facts()
