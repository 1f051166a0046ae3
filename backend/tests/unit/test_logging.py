"""Logs never hold a secret or a row."""

import pytest

from backend.access import tokens
from backend.core.logging import Redactor

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
