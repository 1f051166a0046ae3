"""The rules that no linter knows. Rules for migration files are in backend/tests/unit/test_migration_files.py."""

import ast
import re
import tomllib

import pytest

from tests.house.sources import ROOT, code_lines, files, imports, modules, name_of, suites, texts, tree

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCH = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match)
LONGEST_FUNCTION, LONGEST_MODULE = 40, 300


def calls(*folders: str) -> list[tuple[str, str]]:
    """Return the module and the last name of each call in product code."""
    return [
        (name_of(path), getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
        for path in modules(*folders)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]


def test_only_the_unit_of_work_commits() -> None:
    """One commit per request and job; the toolkit's ledger is a database of its own."""
    found = {path for path, name in calls("backend", "ops/gonogo") if name == "commit"}

    assert found == {"backend/db/unit_of_work.py", "ops/gonogo/adapters/ledger.py"}


def test_only_the_console_prints() -> None:
    """Everything that people read goes through one place."""
    found = {path for path, name in calls("ops/gonogo") if name == "print"}

    assert found <= {"ops/gonogo/tasks/console.py"}


def test_the_toolkit_has_one_door_to_httpx() -> None:
    """Another client is a change of one module."""
    found = {name_of(path) for path in modules("ops/gonogo") if "httpx" in imports(path)}

    assert found == {"ops/gonogo/adapters/http.py"}


def test_the_service_has_one_door_to_httpx() -> None:
    """The same in the other half; none, while it asks nobody."""
    found = {name_of(path) for path in modules("backend") if "httpx" in imports(path)}

    assert len(found) <= 1


def test_no_function_is_long() -> None:
    """Forty lines of code at most."""
    found = {
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in (*modules("backend", "ops/gonogo", "ops/migrator"), *suites())
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTION) and code_lines(path, node) > LONGEST_FUNCTION
    }

    assert found == set()


def test_no_module_is_long() -> None:
    """Three hundred lines of code at most."""
    measured = (*modules("backend", "ops/gonogo", "ops/migrator"), *suites())
    lengths = {name_of(path): code_lines(path, tree(path)) for path in measured}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_check_has_its_tests() -> None:
    """A file of the same name."""
    rules = {path.stem for path in modules("ops/gonogo/checks")} - {"__init__"}
    tested = {path.stem.removeprefix("test_") for path in suites() if path.parent.name == "checks"}

    assert rules <= tested


def test_every_rule_for_migrations_has_its_tests_and_its_page() -> None:
    """A file and a page of the same name, and a line in the list."""
    rules = {path.stem for path in modules("ops/gonogo/lint/rules")} - {"__init__"} | {"waiver", "could_not_check"}
    tested = {path.stem.removeprefix("test_") for path in suites() if path.parent.name == "rules"}
    pages = {path.stem.replace("-", "_") for path in files() if path.parent == ROOT / "docs" / "checks"} - {"README"}
    listed = re.findall(r"^\| \[`([a-z-]+)`\]", (ROOT / "docs/checks/README.md").read_text("utf-8"), re.MULTILINE)

    assert rules == tested - {"__init__"} == pages == {name.replace("-", "_") for name in listed}


@pytest.mark.parametrize("name", ["tasks.py", "noxfile.py"])
def test_entry_points_hold_no_branches(name: str) -> None:
    """They name what is run; what is decided is decided in a room."""
    found = [node.lineno for node in ast.walk(tree(ROOT / name)) if isinstance(node, BRANCH)]

    assert found == []


def test_the_readme_opens_with_the_two_commands() -> None:
    """What it is, then something to run."""
    before, block, *_ = (ROOT / "README.md").read_text(encoding="utf-8").split("```")

    commands = [line.partition("#")[0].strip() for line in block.splitlines() if line.strip()]
    assert commands[-2:] == ["pip install uv && uv run invoke deploy.rehearse", "uv run nox -s tests contracts"]
    assert len(before.splitlines()) < 12


def test_every_relative_link_leads_somewhere() -> None:
    """In every page of the repository."""
    links = [
        (name, target)
        for name, text in texts(".md").items()
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", text)
    ]

    assert [(name, target) for name, target in links if not (ROOT / name).parent.joinpath(target).exists()] == []


def test_the_changelog_names_the_packages_version() -> None:
    """The newest entry is what is being built."""
    package = tomllib.loads((ROOT / "ops" / "pyproject.toml").read_text(encoding="utf-8"))
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert versions[0] == package["project"]["version"]


def test_no_file_names_a_path_of_one_machine() -> None:
    """The repository works wherever it lies; what a Dockerfile names is in its own image."""
    path = re.compile(r"(?<![\w.$}*-])/(?:work|tmp)/\w[^\s\"']*")
    found = {(name, hit) for name, text in texts().items() if "Dockerfile" not in name for hit in path.findall(text)}

    assert found == set()


def test_only_the_lock_file_names_a_package_registry() -> None:
    """Where packages come from is a matter of whoever installs them."""
    host = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.\w+|crates\.io|proxy\.golang\.org)\b")
    found = {name for name, text in texts().items() if host.search(text)}

    assert found <= {"uv.lock"}


def test_no_generated_file_is_kept() -> None:
    """Caches, environments and ledgers stay out of the repository."""
    found = [name_of(path) for path in files() if path.suffix in {".pyc", ".db", ".log", ".dump"}]

    assert found == []
