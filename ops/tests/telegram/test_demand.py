"""What an environment must say of its bot: all that is missing at once, and never a secret."""

from pathlib import Path

import pytest

from gonogo import config, telegram
from gonogo.errors import ConfigurationError
from gonogo.model import Config

FILE = """
[project]
name = "example"
[artifact]
environment = ["uv", "sync"]
key_files = ["uv.lock"]
[service]
live = "/live"
ready = "/ready"
workers = "/workers"
canary = "/canary"
job = "/jobs/{id}"
[commands]
migrate = ["alembic"]
migrations = "alembic.ini"
smoke = ["pytest"]
backup = ["sh"]
[telegram]
webhook = "/hook"
allowed_updates = ["message"]
[environments.prod]
coolify_url = "https://coolify"
coolify_token = "$COOLIFY_TOKEN"
api_uuid = "a"
worker_uuid = "w"
api_url = "$API_URL"
api_token = "$API_TOKEN"
database_url = "$DATABASE_URL"
redis_url = "$REDIS_URL"
scratch_url = "$SCRATCH_DATABASE_URL"
telegram_token = "$TELEGRAM_BOT_TOKEN"
telegram_secret = "$TELEGRAM_WEBHOOK_SECRETS"
telegram_bot = "@the_bot"
[environments.local]
stack = "local"
"""
ENVIRON = {
    "COOLIFY_URL": "http://127.0.0.1:1",
    "COOLIFY_TOKEN": "1|coolify-token",
    "COOLIFY_API_UUID": "a",
    "COOLIFY_WORKER_UUID": "w",
    "API_URL": "https://api",
    "API_TOKEN": "api-token",
    "DATABASE_URL": "postgresql://u:p@h/d",
    "REDIS_URL": "redis://h",
    "SCRATCH_DATABASE_URL": "postgresql://u:p@s/d",
    "TELEGRAM_BOT_TOKEN": "4711:hunter2-token",
    "TELEGRAM_WEBHOOK_SECRETS": "hunter2-new, hunter2-old",
}


def loaded(tmp_path: Path, *, name: str = "prod", text: str = FILE, **environ: str) -> Config:
    """Return the configuration of an environment."""
    path = tmp_path / "gonogo.toml"
    path.write_text(text)
    return config.load(path, name, {**ENVIRON, **environ})


def problems(found: Config) -> tuple[str, ...]:
    """Return what is missing."""
    with pytest.raises(ConfigurationError) as caught:
        telegram.demand(found)
    assert caught.value.exit_code == 2
    assert "hunter2" not in f"{caught.value!r} {caught.value.where} {caught.value.hint}"
    return caught.value.problems


class TestDemand:
    """What stands in gonogo.toml."""

    def test_complete(self, tmp_path: Path) -> None:
        """Several secrets, the current one first; Telegram's own address unless another is named."""
        hook, bot = telegram.demand(loaded(tmp_path))

        assert (hook.path, hook.allowed_updates) == ("/hook", ("message",))
        assert [each.reveal() for each in bot.webhook_secrets] == ["hunter2-new", "hunter2-old"]
        assert (bot.url, bot.bot) == ("https://api.telegram.org", "@the_bot")

    def test_secrets_are_redacted(self, tmp_path: Path) -> None:
        """Token and each secret are among what must never be shown."""
        shown = {each.reveal() for each in loaded(tmp_path).target.secrets}

        assert shown >= {"4711:hunter2-token", "hunter2-new", "hunter2-old"}

    def test_a_release_does_without(self, tmp_path: Path) -> None:
        """Only these tasks ask for a bot; they say what to set, all at once."""
        found = loaded(tmp_path, TELEGRAM_BOT_TOKEN="", TELEGRAM_WEBHOOK_SECRETS="")

        assert [each.partition(":")[0] for each in problems(found)] == [
            "TELEGRAM_BOT_TOKEN is not set",
            "TELEGRAM_WEBHOOK_SECRETS is not set",
        ]
        assert not {each.name for each in found.target.secrets} & {"TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRETS"}

    def test_keys_that_are_not_there(self, tmp_path: Path) -> None:
        """Without the keys the file is named."""
        text = "\n".join(line for line in FILE.splitlines() if "telegram" not in line and "webhook" not in line)
        text = text.replace('allowed_updates = ["message"]', "")

        assert [each.partition(" is missing")[0] for each in problems(loaded(tmp_path, text=text))] == [
            "environments.prod.telegram_token",
            "environments.prod.telegram_secret",
            "telegram.webhook",
        ]

    @pytest.mark.parametrize(
        ("environ", "said"),
        [
            ({"API_URL": "http://api"}, "api_url must begin with https://"),
            ({"API_URL": "https://api:8000"}, "api_url must begin with https://"),
            ({"TELEGRAM_BOT_TOKEN": "hunter2\nx"}, "TELEGRAM_BOT_TOKEN is no bot's token"),
            ({"TELEGRAM_WEBHOOK_SECRETS": "hunter2 with blanks"}, "TELEGRAM_WEBHOOK_SECRETS must be"),
        ],
        ids=["http", "port", "token", "secret"],
    )
    def test_what_telegram_would_not_take(self, tmp_path: Path, environ: dict[str, str], said: str) -> None:
        """It is said before anybody is asked."""
        (problem,) = problems(loaded(tmp_path, **environ))

        assert problem.startswith(said)

    def test_a_stack_needs_no_https(self, tmp_path: Path) -> None:
        """On loopback there is no certificate; the stack says its own values."""
        environ = {"API_URL": "http://127.0.0.1:8000", "TELEGRAM_BASE_URL": "http://127.0.0.1:9"}

        _, bot = telegram.demand(loaded(tmp_path, name="local", **environ))

        assert (bot.url, bot.bot) == ("http://127.0.0.1:9", "")

    def test_a_secret_in_the_file_is_refused(self, tmp_path: Path) -> None:
        """As any other secret."""
        text = FILE.replace('"$TELEGRAM_BOT_TOKEN"', '"4711:hunter2-token"')

        with pytest.raises(ConfigurationError) as caught:
            loaded(tmp_path, text=text)
        assert "telegram_token is a secret written into gonogo.toml" in caught.value.problems[0]
