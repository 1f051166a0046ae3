"""One set of entry points serves people and CI."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.house.sources import ROOT, tree

MENU = {
    "backup.drill",
    "backup.fetch",
    "backup.list",
    "backup.prune",
    "backup.push",
    "backup.recover",
    "backup.run",
    "backup.schedule",
    "backup.status",
    "backup.verify",
    "backup.wal",
    "compat.check",
    "contracts.write",
    "deploy.abort",
    "deploy.drill",
    "deploy.history",
    "deploy.lock",
    "deploy.plan",
    "deploy.prod",
    "deploy.rehearse",
    "deploy.resume",
    "deploy.rollback",
    "deploy.staging",
    "deploy.status",
    "deploy.unlock",
    "health.check",
    "jobs.canary",
    "jobs.cancel",
    "jobs.dead",
    "jobs.retry",
    "jobs.show",
    "jobs.status",
    "migrate.apply",
    "migrate.lint",
    "migrate.new",
    "migrate.plan",
    "migrate.rehearse",
    "migrate.rollback",
    "migrate.status",
    "restore.run",
    "restore.switch",
    "secrets.rotate",
    "secrets.status",
    "tokens.issue",
    "tokens.list",
    "tokens.revoke",
    "secrets.check",
    "stack.down",
    "stack.env",
    "stack.fault",
    "stack.logs",
    "stack.status",
    "stack.up",
    "telegram.verify",
    "telegram.webhook",
}
HEAVY = ("sqlalchemy", "alembic", "psycopg", "httpx", "rich", "gonogo.bootstrap", "gonogo.local")
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT / "ops")}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What a workflow or a script may run: verifying is nox's, operating is invoke's.
ENTRY = re.compile(r"uv run (?:nox -s|invoke) [\w .\"$-]+")


def run(*command: str) -> str:
    """Run a program in the repository and return what it printed."""
    done = subprocess.run(command, cwd=ROOT, env=ENVIRON, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_list_reads_like_a_menu() -> None:
    """Every task of the menu, and one whole line of help for each."""
    lines = [
        line.split(maxsplit=1) for line in run(sys.executable, "-m", "invoke", "--list").splitlines() if "." in line
    ]
    menu = {words[0]: words[1] for words in lines}

    assert menu.keys() == MENU
    assert [name for name, text in menu.items() if not text.endswith(".") or len(text) > 60] == []


@pytest.mark.parametrize("task", sorted(MENU))
def test_every_flag_has_its_help(task: str) -> None:
    """Nobody has to guess what it is for."""
    noun, _, verb = task.partition(".")
    function = definition(noun, verb)
    flags = {argument.arg.rstrip("_").replace("_", "-") for argument in function.args.args[1:]}
    (decorator,) = (node for node in function.decorator_list if isinstance(node, ast.Call) or not flags)
    helps = {
        key.value
        for node in ast.walk(decorator)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }

    assert flags - helps == set()


def definition(noun: str, verb: str) -> ast.FunctionDef:
    """Return a task's function: of its noun's module, or of the one that the noun's takes it from."""
    folder = ROOT / "ops" / "gonogo" / "tasks"
    taken = (node for node in tree(folder / f"{noun}.py").body if isinstance(node, ast.ImportFrom))
    sources = [each.module or "" for each in taken if any(name.name.rstrip("_") == verb for name in each.names)]
    (function,) = (
        node
        for module in (noun, *(each.rpartition(".")[2] for each in sources))
        for node in tree(folder / f"{module}.py").body
        if isinstance(node, ast.FunctionDef) and node.name.rstrip("_") == verb
    )
    return function


def test_the_list_enters_no_heavy_room() -> None:
    """It is as quick as Invoke itself; a task enters the rooms that it needs when it runs."""
    code = f"import sys, tasks; print([name for name in {HEAVY!r} if name in sys.modules])"

    assert run(sys.executable, "-c", code).strip() == "[]"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_call_entry_points_only(path: object) -> None:
    """No logic in YAML."""
    steps = re.findall(r"^\s*(?:- )?run:\s*(.*)$", ROOT.joinpath(str(path)).read_text(encoding="utf-8"), re.MULTILINE)

    assert steps
    assert [step for step in steps if not ENTRY.fullmatch(step)] == []


def test_ci_runs_the_readmes_test_command() -> None:
    """As it stands there, and every other default session after it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = re.findall(r"^uv run nox -s [a-z_ ]+$", script, re.MULTILINE)

    assert commands
    assert commands[0] in readme
    assert {name for command in commands for name in command.split()[4:]} >= set(sessions())


def test_a_workflow_runs_every_default_session() -> None:
    """What is green here is green there."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)

    assert [name for name in sessions() if not re.search(rf"\b{name}\b", text)] == []


def sessions() -> list[str]:
    """Return nox's default sessions, as the file names them."""
    values = [
        ast.literal_eval(node.value)
        for node in tree(ROOT / "noxfile.py").body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions"
    ]
    return list(values[0])
