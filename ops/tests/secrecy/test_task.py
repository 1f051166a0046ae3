"""`secrets.check` as a person runs it, in somebody's repository: its words, its exit codes, and nothing that leaks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.secrecy.conftest import Repository
from tests.secrecy.corpus import planted

VALUE = "mV3pQ8zRt6YkW1nB5xLc9"


@pytest.fixture
def project(repository: Repository) -> Repository:
    """Return a repository with this one's gonogo.toml."""
    toml = (ROOT / "gonogo.toml").read_text(encoding="utf-8")
    ignored = ".gonogo/\n.env.*\n__pycache__/\n"
    repository.commit(
        **{"gonogo.toml": toml, ".gitignore": ignored, "tasks.py": (ROOT / "tasks.py").read_text("utf-8")}
    )
    return repository


def run(project: Repository, *words: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the task."""
    command = [sys.executable, "-m", "invoke", "secrets.check", *words]
    told = {"PATH": os.environ["PATH"], "HOME": str(project.root.parent), "PYTHONPATH": str(ROOT / "ops")}
    return subprocess.run(
        command, cwd=project.root, env={**told, **(environ or {})}, text=True, capture_output=True, check=False
    )


def test_a_clean_repository_is_clean(project: Repository) -> None:
    """Exit 0, and it says how much was looked at."""
    done = run(project, "--code")
    assert done.returncode == 0, done.stderr
    assert "2 commits, 2 of them read now" in done.stdout
    assert "0 blocking, 0 advice" in done.stdout


def test_what_is_found_is_told_without_the_secret(project: Repository) -> None:
    """On both streams, as JSON, and in what is kept; exit 1."""
    secret = planted("github classic")
    commit = project.commit(**{"app__a.py": f"# one\nTOKEN = '{secret}'\n"})
    done = run(project, "--code", "--json")
    document = json.loads(done.stdout)
    (leak,) = document["leaks"]
    assert (done.returncode, document["verdict"], document["exit_code"]) == (1, "problems", 1)
    assert (leak["commit"], leak["path"], leak["line"], leak["what"]) == (commit, "app/a.py", 2, "GitHub token")
    kept = "".join(path.read_text("latin-1") for path in (project.root / ".gonogo").rglob("*") if path.is_file())
    assert not any(secret[at : at + 8] in done.stdout + done.stderr + kept for at in range(4, len(secret) - 8))


def test_an_environment_that_cannot_be_asked_is_told_and_the_rest_is_looked_at(project: Repository) -> None:
    """Exit 1 for what is found all the same: a value in use that was committed."""
    project.commit(**{"a.py": f"key = '{VALUE}'\n"})
    nowhere = "127.0.0.1:9"
    environ = {
        "COOLIFY_URL": f"http://{nowhere}",
        "COOLIFY_TOKEN": "1|Zx81kLm2Qq7vB3nC5x",
        "COOLIFY_API_UUID": "a",
        "COOLIFY_WORKER_UUID": "b",
        "API_URL": f"http://{nowhere}",
        "API_TOKEN": VALUE,
        "DATABASE_URL": f"postgresql://app:Qq7vB3nC5xZx81kLm2@{nowhere}/app",
        "REDIS_URL": f"redis://:changeme@{nowhere}/0",
        "SCRATCH_DATABASE_URL": f"postgresql://app:C5xZx81kLm2Qq7vB3n@{nowhere}/app",
    }
    done = run(project, "--json", environ=environ)
    document = json.loads(done.stdout)
    told = {each["message"] for each in document["findings"] if each["severity"] == "block"}
    assert done.returncode == 1
    assert "REDIS_URL (gonogo) holds a placeholder" in told
    assert any(each.startswith("the value of API_TOKEN stands in the git history: a.py:1") for each in told)
    assert any("could not be asked" in each for each in document["not_looked_at"])
    assert {row["name"]: row["age"] for row in document["secrets"]}["API_TOKEN"] == "unknown"
    assert not any(word in done.stdout + done.stderr for word in (VALUE, "Qq7vB3nC5xZx81kLm2", "changeme@"))


@pytest.mark.parametrize(
    ("words", "reference"),
    [(("--env", "nowhere"), "unknown-environment"), (("--code", "--image", "none.tar"), "no-image")],
)
def test_wrong_words_are_usage(project: Repository, words: tuple[str, ...], reference: str) -> None:
    """Exit 2 with the form of an error."""
    done = run(project, *words)
    assert done.returncode == 2
    assert reference in done.stderr
    assert "Traceback" not in done.stderr


def test_a_repository_without_a_commit_is_told_so(tmp_path: Path) -> None:
    """And without a stack trace."""
    empty = Repository(tmp_path / "empty")
    empty.root.mkdir()
    empty.git("init", "--quiet")
    for name in ("gonogo.toml", "tasks.py"):
        (empty.root / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    done = run(empty, "--code")
    assert done.returncode == 1
    assert "git-failed" in done.stderr
    assert "Traceback" not in done.stderr
