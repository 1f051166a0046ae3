"""The documents name commands, options and settings that exist."""

import re
from dataclasses import asdict

import pytest

from backend.core.environment import Environment, MigrationEnvironment
from gonogo import checks
from gonogo.model import Limits
from gonogo.tasks import releasing
from tasks import ns
from tests.house.commands import calls, wrong_calls
from tests.house.sources import ROOT, modules, name_of, texts

# What a page may say, and what each must be noticed by.
WRONG = {
    "uv run invoke deploy.production": "no such task",
    "uv run invoke shipping.NAME": "no such task",
    "uv run invoke deploy.plan --enviroment prod": "enviroment",
    "uv run invoke deploy.plan --env production": "--env production",
    "uv run invoke deploy.rehearse --fault api-unwell": "--fault api-unwell",
    "uv run invoke jobs.show --env prod": "positional",
    "uv run invoke deploy.NAME --env prod --rate 5": "No idea",
    'eval "$(uv run invoke stack.environment)"': "no such task",
    "uv run invoke deploy.plan 'prod": "cannot read",
    "uv run --grp test pytest backend/tests/unit": "--grp",
    "uv run --group tests pytest backend/tests/unit": "--group",
    "uv run pytest backend/tests/unit/test_nothing.py -k one": "no file",
    "uv run nox -s lint test": "no session test",
    "uv run nox --session-list": "session-list",
    "alembic -c backend/alembic.ini upgarde head": "invalid choice",
    "alembic -c backend/alembic.ini upgrade head --sq1": "--sq1",
    "alembic -c alembic.ini upgrade head": "no file",
    "alembic -c backend/alembic.ini upgrade": "revision",
    "python -m alembic -c backend/alembic.ini downgrad REVISION": "invalid choice",
    "python -m backend.admin.main issue-token --user EMAIL": "--name",
    "python -m backend.admin.main issue-token --user EMAIL --name NAME --days many": "--days",
    "uv run --package backend python -m backend.admin.main issue-tokens": "invalid choice",
    "python -m backend.worker.mane": "no module",
    "sh ops/backup.sh": "no such script",
    "ops/README.sh": "no such script",
    "BACKUP_FOLDER=… sh ops/backup_db.sh": "BACKUP_FOLDER",
    "export DATABASE_URI=…": "DATABASE_URI",
    "RUN_SMOKE=1 uv run nox -s staging_smoke": "RUN_SMOKE",
}
RIGHT = (
    "uv run invoke deploy.NAME",
    "uv run invoke tokens.*",
    "uv run invoke jobs.show ID --env NAME",
    "uv run invoke jobs.retry …",
    "uv run invoke deploy.plan --env <environment> && uv run invoke deploy.staging --yes",
    "invoke --list",
    "uv run nox -s tests -- -k rollout",
    "RUN_STAGING_SMOKE=1 uv run nox -s staging_smoke",
    "python -m alembic -c backend/alembic.ini …",
    "python -m backend.admin.main issue-token --user EMAIL --name NAME --days N",
    "BACKUP_DIR=… DATABASE_URL=… sh ops/backup_db.sh",
    'curl -d \'{"text": "call Ada"}\' "$API_URL/v1/capture/thought"',
)
FORMS = ("Say `{}` here.", "| a | b |\n|---|---|\n| do | `{}` |\n", "1. do:\n\n   ```\n   {}   # and why\n   ```\n")


@pytest.mark.parametrize("name", sorted(texts(".md")))
def test_every_command_exists(name: str) -> None:
    """With each option, file and variable that a page names."""
    assert wrong_calls(texts(".md")[name]) == []


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_command_is_noticed(command: str) -> None:
    """Wherever a page may hold it."""
    for form in FORMS:
        assert WRONG[command] in "".join(wrong_calls(form.format(command)))


@pytest.mark.parametrize("command", RIGHT)
def test_a_right_command_is_let_pass(command: str) -> None:
    """Placeholders included."""
    for form in FORMS:
        assert wrong_calls(form.format(command)) == []


def test_a_task_by_its_bare_name_is_looked_up() -> None:
    """A name alone is no whole call; one with options is."""
    assert wrong_calls("`jobs.show`, `tokens.*`, `jobs.retention` and `deploy.plan --env prod`") == []
    assert len(wrong_calls("`jobs.display`, `stack.*s`, `deploy.plan --environment prod`")) == 2


def test_the_pages_are_really_read() -> None:
    """A hundred calls at least are found in them."""
    found = [words for text in texts(".md").values() for words in calls(text) if {"invoke", "nox"} & {*words}]

    assert len(found) > 100


@pytest.mark.parametrize("environment", ["prod", "staging", "local", "rehearse"])
def test_the_plans_next_command_exists(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever environment was planned for."""
    monkeypatch.chdir(ROOT)

    assert wrong_calls(f"`{releasing.command(environment)}`") == []


def test_every_task_that_the_code_names_exists() -> None:
    """In messages and in docstrings, of both halves."""
    found = {
        f"{name_of(path)}: {task}"
        for path in modules("backend", "ops/gonogo")
        for task in re.findall(r"\binvoke ([a-z]+\.[a-z]+)", path.read_text(encoding="utf-8"))
        if task not in ns.task_names
    }

    assert found == set()


def test_configuration_has_a_row_for_every_setting() -> None:
    """The page, the example and the code name the same ones."""
    text = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8").partition("\n## The service")[2]
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)

    assert len(rows) == len(set(rows))
    assert set(rows) == set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    assert set(rows) == {name.upper() for kind in (Environment, MigrationEnvironment) for name in kind.model_fields}


def test_configuration_says_the_defaults_of_the_code() -> None:
    """What is in a row's third column is what is used when nothing is set."""
    text = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8").partition("\n## The service")[2]
    said = dict(re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \| (?:`([^`]*)`)? ?\|", text, re.MULTILINE))
    fields = {**MigrationEnvironment.model_fields, **Environment.model_fields}
    used = {name.upper(): field.default for name, field in fields.items() if not field.is_required()}

    shown = {
        name: "" if value in {None, ()} else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in used.items()
    }
    assert {name: said.get(name) for name in shown} == shown


def test_every_check_has_its_row_in_the_order_of_the_plan() -> None:
    """The page of checks names all of them, and says of each whether it can block or advise."""
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]*)\| ([^|]*)\| [^|]+ \|$", text, re.MULTILINE)
    written = [(rule, bool(blocks.strip()), bool(advises.strip())) for rule, blocks, advises in rows]

    said = []
    for check in checks.ALL:
        name = check.__module__.rpartition(".")[2]
        source = (ROOT / "ops" / "gonogo" / "checks" / f"{name}.py").read_text(encoding="utf-8")
        said.append((name.replace("_", "-"), "Severity.BLOCK" in source, "Severity.ADVISE" in source))
    assert written == said


def test_the_page_of_configuration_has_a_row_for_every_limit() -> None:
    """With the default that the code has."""
    text = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    written = dict(re.findall(r"^\| `([a-z0-9_]+)` \| (false|true|[0-9.,_]+)[^|]* \| [^|]+ \|$", text, re.MULTILINE))

    said = {"true": 1.0, "false": 0.0}
    numbers = {
        name: said[value] if value in said else float(value.replace(",", "").replace("_", ""))
        for name, value in written.items()
    }
    assert numbers == asdict(Limits())
