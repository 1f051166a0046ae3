"""The configuration's fingerprint is equal where the settings are, and gives none of them away."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from backend.core.environment import Environment
from backend.core.fingerprint import NOT_COMPARED, fingerprint_of, secrets_of
from backend.tests.unit.settings import DATABASE_SECRET, make_environment

KEY = SecretStr("f" * 40)


def keyed(**settings: object) -> Environment:
    """Return valid settings with a key and some more."""
    given = make_environment().model_dump(exclude_unset=True)
    return Environment(**{**given, "config_fingerprint_key": KEY, **settings})


class TestFingerprint:
    """fingerprint_of."""

    def test_without_a_key_nothing_is_told(self) -> None:
        """An unkeyed hash would let anybody try values until one fits."""
        assert fingerprint_of(make_environment()) is None

    def test_equal_settings_are_equal(self) -> None:
        """On every replica; it is short, and shows nothing."""
        first, second = fingerprint_of(keyed()), fingerprint_of(keyed())

        assert first == second
        assert re.fullmatch(r"[0-9a-f]{24}", str(first))
        assert DATABASE_SECRET not in str(first)

    @pytest.mark.parametrize(
        "change",
        [
            {"secret_key": SecretStr("s" * 40)},
            {"xai_model": "another"},
            {"telegram_webhook_secrets": ("one", "two")},
            {"worker_concurrency": 11},
            {"config_fingerprint_key": SecretStr("g" * 40)},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_another_value_is_another_fingerprint(self, change: dict[str, object]) -> None:
        """Secret or not, new or changed; with another key nothing can be compared."""
        assert fingerprint_of(keyed(**change)) != fingerprint_of(keyed())

    def test_what_differs_per_process_is_left_out(self) -> None:
        """Two containers of one configuration must not look different."""
        mine = {
            "source_commit": "c" * 40,
            "worker_ready_file": Path("ready"),
            "worker_metrics_port": 9100,
            "worker_metrics_host": "0.0.0.0",  # never listened on
        }

        assert {*mine, "config_fingerprint_key"} == NOT_COMPARED
        assert fingerprint_of(keyed(**mine)) == fingerprint_of(keyed())

    def test_every_setting_can_be_part_of_it(self) -> None:
        """Each kind of value has a form in JSON."""
        everything = {name: getattr(keyed(), name) for name in Environment.model_fields}

        assert fingerprint_of(keyed(**everything)) is not None


class TestSecretsOf:
    """secrets_of."""

    def test_without_a_key_nothing_is_told(self) -> None:
        """Nobody could try values against it."""
        assert secrets_of(make_environment()) == {}

    def test_each_secret_has_its_own_and_none_is_the_key(self) -> None:
        """Eight digits by variable; a value that stands in two places is not seen to."""
        same = SecretStr("same-value-1")
        told = secrets_of(keyed(todoist_api_token=same, todoist_owner_email="o@localhost", xai_api_key=same))
        assert "CONFIG_FINGERPRINT_KEY" not in told
        assert {"DATABASE_URL", "REDIS_URL"} <= told.keys()
        assert told["TODOIST_API_TOKEN"] != told["XAI_API_KEY"]
        assert {len(each) for each in told.values()} == {8}

    def test_another_value_or_key_is_another_one(self) -> None:
        """Of a list each value counts."""
        one = secrets_of(keyed(telegram_webhook_secrets=(SecretStr("a"), SecretStr("b"))))
        other = secrets_of(keyed(telegram_webhook_secrets=(SecretStr("a"),)))
        assert one["TELEGRAM_WEBHOOK_SECRETS"] != other["TELEGRAM_WEBHOOK_SECRETS"]
        rekeyed = keyed(config_fingerprint_key=SecretStr("g" * 40))
        assert secrets_of(keyed())["DATABASE_URL"] != secrets_of(rekeyed)["DATABASE_URL"]
