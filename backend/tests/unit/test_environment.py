"""Settings are refused all at once, by name, and without their values."""

import re
from pathlib import Path

import pytest

from backend.core.environment import DatabaseEnvironment, Environment, MigrationEnvironment, load, load_or_exit
from backend.core.errors import ConfigurationError

EXAMPLE = Path(__file__).resolve().parents[3] / ".env.example"
NEEDED = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://app:s3cret@db:5432/app",
    "REDIS_URL": "redis://:s3cret@redis:6379/0",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
}


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NEEDED, "LOG_LEVEL", "WORKER_HEARTBEAT_SECONDS", "SOURCE_COMMIT"):
        monkeypatch.delenv(name, raising=False)


def set_all(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    """Set variables for one test."""
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def example() -> dict[str, str]:
    """Return the variables of the example file, those that are commented out included."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


class TestLoad:
    """What is accepted, and how the rest is refused."""

    def test_reads_what_is_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Complete settings are read from the environment."""
        set_all(monkeypatch, {**NEEDED, "WORKER_HEARTBEAT_SECONDS": "0.5"})

        assert load(Environment).worker_heartbeat_seconds == 0.5

    def test_names_everything_that_is_missing(self) -> None:
        """Every missing setting is named at once."""
        with pytest.raises(ConfigurationError) as refused:
            load(Environment)

        assert refused.value.problems == tuple(f"{name} is not set" for name in sorted(NEEDED))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DATABASE_URL", "postgresql://<user>:<secret>@<host>:5432/<database>"),
            ("DATABASE_URL", "postgresql://user:password@localhost/app"),
            ("DATABASE_URL", "mysql://app:s3cret@db/app"),
            ("DATABASE_URL", "postgresql://app:s3cret@db"),
            ("REDIS_URL", "http://redis:6379"),
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
            ("SECRET_KEY", "tooshort"),
            ("ENVIRONMENT", "prod"),
            ("WORKER_HEARTBEAT_SECONDS", "0"),
            ("WORKER_HEARTBEAT_SECONDS", "0.001"),
            ("WORKER_POLL_SECONDS", "1e-9"),
            ("WORKER_POLL_SECONDS", "nan"),
            ("JOB_LEASE_SECONDS", "0.5"),
            ("WORKER_GRACE_SECONDS", "-1"),
            ("LOG_LEVEL", "LOUD"),
            ("JOB_RETENTION_CRON", "0 0 30 2 *"),
            ("JOB_RETENTION_CRON", "* * * * * *"),
            ("JOB_RETENTION_CRON", "@daily"),
        ],
    )
    def test_refuses_what_cannot_work(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        """A placeholder or an unusable value is refused by name."""
        set_all(monkeypatch, {**NEEDED, name: value})

        with pytest.raises(ConfigurationError, match=f"  {name} "):
            load(Environment)

    def test_never_shows_a_value(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A refused value may be a secret that was put in the wrong place."""
        set_all(monkeypatch, {**NEEDED, "DATABASE_URL": "s3cret-in-the-wrong-place"})

        with pytest.raises(ConfigurationError) as refused:
            load(Environment)

        assert "s3cret" not in str(refused.value)

    @pytest.mark.parametrize("url", ["postgresql://postgres:@/app?host=/run/pg", "postgres://app:s3cret@db/app"])
    def test_accepts_each_way_to_postgres(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        """A unix socket and the short scheme are as good as TCP."""
        monkeypatch.setenv("DATABASE_URL", url)

        assert load(DatabaseEnvironment).database_url.get_secret_value() == url

    def test_exit_is_two(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A program that cannot be configured ends with status 2 and the reasons."""
        with pytest.raises(SystemExit) as ended:
            load_or_exit(Environment)

        assert ended.value.code == 2
        assert "SECRET_KEY is not set" in capsys.readouterr().err


class TestExample:
    """The example file is the single source of what can be set."""

    def test_names_every_setting(self) -> None:
        """The example and the settings list the same names."""
        fields = {*Environment.model_fields, *MigrationEnvironment.model_fields}

        assert {name.upper() for name in fields} == set(example())

    def test_is_refused_as_it_stands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An unedited copy cannot start anything."""
        set_all(monkeypatch, {name: value for name, value in example().items() if value})

        with pytest.raises(ConfigurationError) as refused:
            load(Environment)

        assert len(refused.value.problems) == sum("<" in value for value in example().values())
