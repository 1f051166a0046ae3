"""What the release says that it needs is what its settings demand."""

import json

import pytest

from backend.admin import main, requirements
from backend.core.environment import Environment, load
from backend.core.errors import ConfigurationError

# A good value for every variable that something can be needed with.
GOOD = {
    "ENVIRONMENT": "production",
    "CONFIG_FINGERPRINT_KEY": "0123456789abcdef0123456789abcdef",
    "DATABASE_URL": "postgresql://app:s3cret@db:5432/app",
    "REDIS_URL": "redis://:s3cret@redis:6379/0",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "TODOIST_API_TOKEN": "0123456789abcdef",
    "TODOIST_OWNER_EMAIL": "ada@example.org",
    "TELEGRAM_BOT_TOKEN": "123456:abcdef",
    "TELEGRAM_WEBHOOK_SECRETS": "0123456789abcdef",
    "XAI_API_KEY": "0123456789abcdef",
}
OPTIONAL = sorted(name.upper() for name, each in Environment.model_fields.items() if not each.is_required())
CREDENTIALS = [name for name in OPTIONAL if name.endswith(("_TOKEN", "_KEY", "_EMAIL", "_SECRETS"))]


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def _refused(monkeypatch: pytest.MonkeyPatch, names: set[str]) -> bool:
    """Return whether the service does not start with these variables."""
    with monkeypatch.context() as patch:
        for name in names:
            patch.setenv(name, GOOD[name])
        try:
            load(Environment)
        except ConfigurationError:
            return True
    return False


@pytest.mark.parametrize("service", requirements.SERVICES)
def test_nothing_starts_without_what_is_required(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """With all of it, it does; without any one, it does not."""
    required = {str(name) for name in requirements.needs()[service]["required"]}

    assert not _refused(monkeypatch, required)
    assert [name for name in required if not _refused(monkeypatch, required - {name})] == []


@pytest.mark.parametrize("given", CREDENTIALS)
def test_what_goes_together_is_what_the_class_demands(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """A credential alone is refused exactly where another variable is said to belong to it."""
    required = {str(name) for name in requirements.needs()["api"]["required"]}

    assert _refused(monkeypatch, {*required, given}) == (given in requirements.TOGETHER)
    assert not _refused(monkeypatch, {*required, given, *requirements.TOGETHER.get(given, ())})


def test_the_command_needs_no_setting_and_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """It is asked before there is anything to connect to."""
    assert main.main(["required-settings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == requirements.needs()


def test_people_get_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json."""
    assert main.main(["required-settings"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "api: SECRET_KEY" in said
    assert "worker: TODOIST_OWNER_EMAIL, with TODOIST_API_TOKEN" in said
