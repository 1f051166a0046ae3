"""Logs never hold a secret or a row."""

import pytest
from pydantic import SecretStr

from backend.access import tokens
from backend.core.environment import Environment
from backend.core.logging import Redactor, secrets_of
from backend.tests.unit.settings import make_environment

SECRET = "s3cret-value"


class TestRedactor:
    """What is masked."""

    @pytest.mark.parametrize(
        "text",
        [
            f"the key is {SECRET}",
            f"connect to postgresql://app:{SECRET}@db/app",
            "connect to redis://:other-secret@redis:6379/0",
            f"sent {tokens.generate()}",
            "Authorization: Bearer other-secret",
        ],
        ids=["known", "in the database's URL", "in another URL", "token", "bearer"],
    )
    def test_masks_secrets(self, text: str) -> None:
        """A known secret, a password in a URL and a bearer token are masked."""
        event = Redactor([SECRET])(None, "info", {"event": text})

        assert "[secret]" in event["event"]
        assert "secret-value" not in event["event"]
        assert "other-secret" not in event["event"]
        assert tokens.PREFIX not in event["event"]

    def test_leaves_the_rest(self) -> None:
        """What is no secret stays readable."""
        event = {"event": "job.done", "path": "http://127.0.0.1:8000/v1/jobs", "ms": 3}

        assert event == Redactor([SECRET])(None, "info", dict(event))

    def test_every_secret_setting_is_known(self) -> None:
        """Each setting that is declared as one, also where there are several."""
        given = {
            name: (SecretStr(f"{name}-value"),) if "tuple" in str(field.annotation) else SecretStr(f"{name}-value")
            for name, field in Environment.model_fields.items()
            if "SecretStr" in str(field.annotation)
        }

        found = secrets_of(make_environment().model_copy(update=given))

        assert {"xai_api_key", "database_url", "telegram_webhook_secrets"} <= set(given)
        assert set(found) == {f"{name}-value" for name in given}
