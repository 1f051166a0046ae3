"""What the local stack's tests stand on."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonogo.adapters.checkouts import Checkouts
from gonogo.local import stack
from gonogo.local.definition import StackDefinition
from tests.local.scripted import Platform, platform

_SERVICE = Path(__file__).parent / "service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A git repository with two commits of a very small service."""

    path: Path
    first: str
    second: str


@pytest.fixture
async def coolify() -> AsyncIterator[Platform]:
    """Return a scripted stand-in."""
    scripted = platform()
    yield scripted
    await scripted.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with a short path that the database server's account may pass."""
    yield from _folder()


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """Return such a folder for all tests of a module."""
    yield from _folder()


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a repository with two commits."""
    path = tmp_path_factory.mktemp("repository")
    shutil.copytree(_SERVICE, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    git(path, "init", "--quiet", "--initial-branch=main")
    first = commit(path, "first")
    return Repository(path=path, first=first, second=commit(path, "second"))


@pytest.fixture(scope="module")
def standing(shared: Path, repository: Repository) -> Iterator[StackDefinition]:
    """Return a stack that is up, with the first commit deployed."""
    definition = define(shared, repository)
    stack.up(definition)
    yield definition
    stack.down(definition.directory)


def define(root: Path, repository: Repository, name: str = "test") -> StackDefinition:
    """Return a stack of the small service; its interpreter is ours."""
    return StackDefinition(
        root=root,
        name=name,
        repository=repository.path,
        first=repository.first,
        services={"api": ("{python}", "api.py"), "worker": ("{python}", "worker.py")},
        migrate=("{python}", "migrate.py"),
        issue_token=("{python}", "issue_token.py"),
        environment={"XAI_BASE_URL": "{xai}/v1", "XAI_API_KEY": "xai-{random}", "TODOIST_BASE_URL": "{todoist}/api/v1"},
        checkouts=Checkouts(repository=repository.path, root=root / "checkouts", environment=(), key_files=()),
    )


def commit(path: Path, text: str) -> str:
    """Commit everything with a new note, and return the commit."""
    (path / "note").write_text(text)
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", text)
    return git(path, "rev-parse", "HEAD")


def git(path: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
    command = ("git", "-C", str(path), *who, *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start our interpreter with a piece of code."""
    return subprocess.Popen((sys.executable, "-c", code, *arguments), stdout=subprocess.PIPE)


def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="gonogo-test-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
