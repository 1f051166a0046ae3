"""What a deployment runs beside the service runs at the wrong moment."""

import pytest

from gonogo.checks.no_deployment_commands import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker


@pytest.mark.parametrize(
    "command", ["alembic upgrade head", "python manage.py migrate", "npx prisma db push", "sh ops/Migrate.sh"]
)
@pytest.mark.parametrize("name", ["pre_deployment_command", "post_deployment_command"])
def test_a_migration_blocks(name: str, command: str) -> None:
    """In the old version's container, or too late."""
    ((severity, message, hint),) = said(check, platform__api=api(**{name: command}))
    assert (severity, f"{name} looks like a migration" in message) == (Severity.BLOCK, True)
    assert hint.startswith(f"clear {name} (in Coolify: General, P")


def test_any_other_command_is_worth_a_word_and_is_not_shown() -> None:
    """It may hold a secret."""
    command = "curl -H token:hunter2 https://example.org"
    ((severity, message, _),) = said(check, platform__worker=worker(post_deployment_command=command))
    assert (severity, "its failure would be ignored" in message) == (Severity.ADVISE, True)
    assert "hunter2" not in message


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_none_is_said(nothing: str | None) -> None:
    """However Coolify says it."""
    commands = {"pre_deployment_command": nothing, "post_deployment_command": nothing}
    found = said(check, platform__api=api(**commands), platform__worker=worker(**commands))
    assert found == [(Severity.INFO, "no pre- or post-deployment command", "")]


def test_what_coolify_does_not_say_is_not_guessed() -> None:
    """It may run some."""
    assert said(check) == [(Severity.INFO, "Coolify does not say whether it runs commands with a deployment", "")]
