"""A copy of the repository with a history of its own, and invoke tasks run in it as processes."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[3]
# Requests a second that a machine can serve which does other things at the same time.
RATE = 10
REHEARSE = ("deploy.rehearse", "--rate", f"{RATE}", "--json")
_LEFT_OUT = {".git", ".venv", ".gonogo", ".nox"}
_WHO = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")
# What stands in the environment of a test run and in nobody's who releases.
_FOREIGN = re.compile(
    r"TEST_|PYTEST_|COV_|GIT_|COOLIFY_|API_|SCRATCH_|XAI_|TODOIST_|TELEGRAM_"
    r"|DATABASE_URL$|REDIS_URL$|VIRTUAL_ENV$|PYTHONPATH$"
)
# Short, and without a word about how fast this machine is.
_QUICK = "bake_s = 1.0\nbake_min_requests = 10\nbake_p95_ms = 60000.0\n"
_SLOW = r"bake_p95_ms = .*\n"
_PROD_LIMITS = "[environments.prod.limits]\n"
_QUICK_PROD = f"""poll_s = 0.25
settle_s = 1.0
prove_timeout_s = 60.0
worker_beat_s = 15.0
bake_rate = 10.0
{_QUICK}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a task left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> dict[str, Any]:
        """Return the one JSON object on standard output."""
        said: dict[str, Any] = json.loads(self.stdout)
        return said


@dataclass(frozen=True, kw_only=True, slots=True)
class Workshop:
    """A copy of the repository."""

    path: Path

    def git(self, *words: str) -> str:
        """Run git and return what it printed."""
        done = subprocess.run(
            ("git", *_WHO, *words), cwd=self.path, env=self._environ({}), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, note: str) -> None:
        """Commit everything, with a file that changed."""
        (self.path / "note.txt").write_text(note, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", note)

    def version(self, ref: str = "HEAD") -> str:
        """Return the version that people see for a commit."""
        return self.git("rev-parse", ref)[:12]

    def invoke(self, *words: str, environ: Mapping[str, str] | None = None) -> Done:
        """Run a task to its end."""
        process = self.start(*words, environ=environ)
        stdout, stderr = process.communicate(timeout=900)
        return Done(code=process.returncode, stdout=stdout, stderr=stderr)

    def start(self, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a task, in a session of its own and without a terminal."""
        return subprocess.Popen(
            (sys.executable, "-m", "invoke", *words),
            cwd=self.path,
            env=self._environ(environ or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kill_in_api_rollout(self) -> None:
        """Rehearse, and kill the task with -9 as soon as its journal names the API's deployment."""
        seen = len(self.noted("api-rollout"))
        process = self.start(*REHEARSE)
        try:
            until(lambda: process.poll() is not None or len(self.noted("api-rollout")) > seen, "the API's rollout")
        finally:
            process.kill()
            _, stderr = process.communicate(timeout=300)
        assert process.returncode == -9, stderr

    def noted(self, step: str) -> list[dict[str, Any]]:
        """Return what a step wrote down that names a deployment, in every release of the ledger."""
        query = "SELECT data FROM gonogo_entries WHERE kind = 'step-noted' AND step = ? AND data LIKE '%deployment%'"
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(self._ledger, timeout=60)) as ledger:
            return [json.loads(data) for (data,) in ledger.execute(query, (step,))]
        return []

    def leftovers(self) -> list[str]:
        """Return the processes that belong to this copy and the stacks that are still there."""
        stacks = [str(path) for path in (self.path / ".gonogo" / "stacks").glob("*")]
        return [*stacks, *self._processes()]

    def restore(self) -> None:
        """Take what a test left behind away."""
        self.invoke("stack.down")
        self.git("checkout", "--quiet", "--", ".")
        self.git("clean", "--quiet", "-d", "--force")

    @property
    def _ledger(self) -> str:
        return f"file:{self.path}/.gonogo/ledger.db?mode=ro"

    def _processes(self) -> Iterator[str]:
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                told = [*process.cmdline(), process.cwd(), *process.environ().values()]
                if process.pid != os.getpid() and any(str(self.path) in word for word in told):
                    yield f"{process.pid} {' '.join(process.cmdline())}"

    def _environ(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not _FOREIGN.match(name)}
        return {**kept, "PYTHONPATH": f"{self.path / 'ops'}", **more}


def make(path: Path) -> Workshop:
    """Copy the repository as it is now, with quicker limits and two commits."""
    for name in _files():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
        shutil.copymode(ROOT / name, target)
    settings = path / "gonogo.toml"
    quick = re.sub(r"bake_s = .*\n", _QUICK, re.sub(_SLOW, "", settings.read_text(encoding="utf-8")))
    # A drill takes longer than what most of these tests are about; its own test asks for the gate.
    quick = re.sub(r"proven_days = \d+", "proven_days = 0", quick)
    settings.write_text(quick.replace(_PROD_LIMITS, _PROD_LIMITS + _QUICK_PROD), encoding="utf-8")
    made = Workshop(path=path)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit("first")
    made.commit("second")
    return made


def until(condition: Callable[[], object], what: str, *, seconds: float = 300) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)


def _files() -> list[str]:
    """Return the repository's files, those that are not committed yet too."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in paths if not {*path.parts} & _LEFT_OUT and "cache" not in str(path)]
