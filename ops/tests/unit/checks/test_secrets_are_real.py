"""An example's value is not a secret, and neither is one that cannot work."""

import pytest

from gonogo.checks.secrets_are_real import check
from gonogo.model import Severity
from tests.unit.checks.secrets_seen import held, seen
from tests.unit.checks.verdicts import said

GOOD = {
    "SECRET_KEY": "mV3pQ8zRt6YkW1nB5xLc9HdF2sGj7UeA",
    "DATABASE_URL": "postgresql://app:mV3pQ8zRt6YkW1nB@db:5432/app",
    "REDIS_URL": "redis://:mV3pQ8zRt6YkW1nB@redis:6379/0",
    "XAI_API_KEY": "xai-mV3pQ8zRt6YkW1nB5xLc9HdF2sGj7UeA",
    "TELEGRAM_BOT_TOKEN": "1234567890:AAmV3pQ8zRt6YkW1nB5xLc9HdF2sGj7UeA",
    "TELEGRAM_WEBHOOK_SECRETS": "mV3pQ8zRt6YkW1nB,B5xLc9HdF2sGj7Ue",
    "COOLIFY_TOKEN": "3|mV3pQ8zRt6YkW1nB5xLc9HdF2sGj7UeAmV3pQ8zRt6YkW1nB",
    "PASSWORDLESS_URL": "postgresql://user:@/database?host=/directory",
}
USELESS = [
    ("SECRET_KEY", "changeme", "placeholder"),
    ("SECRET_KEY", "<random>", "placeholder"),
    ("SECRET_KEY", "xxxxxxxxxxxx", "placeholder"),
    ("SECRET_KEY", "your-secret-key-goes-here", "placeholder"),
    ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaa", "placeholder"),
    ("SECRET_KEY", "shown-in-the-example-file", "placeholder"),
    ("DATABASE_URL", "postgresql://app:<secret>@db:5432/app", "placeholder"),
    ("DATABASE_URL", "postgresql://app:changeme@db:5432/app", "placeholder"),
    ("SECRET_KEY", "", "empty"),
    ("SECRET_KEY", "  ", "empty"),
    ("SECRET_KEY", "mV3pQ8z", "shorter than 8"),
    ("SECRET_KEY", "mV3pQ8zRt6YkW1nB5xLc9HdF\n", "a line break"),
    ("SECRET_KEY", " mV3pQ8zRt6YkW1nB5xLc9HdF", "a space"),
    ("SECRET_KEY", '"mV3pQ8zRt6YkW1nB5xLc9HdF"', "quotation mark"),
    ("XAI_API_KEY", "sk-proj-mV3pQ8zRt6YkW1nB5xLc9HdF", "a key of OpenAI"),
    ("XAI_API_KEY", "gsk_mV3pQ8zRt6YkW1nB5xLc9HdF2sGj", "a key of Groq"),
    ("TELEGRAM_BOT_TOKEN", "xai-mV3pQ8zRt6YkW1nB5xLc9HdF", "a key of xAI"),
]
WEAK = [
    ("SECRET_KEY", "ababababab", "repeats itself"),
    ("DATABASE_URL", "postgresql://app:short@db:5432/app", "shorter than 8"),
    ("XAI_API_KEY", "mV3pQ8zRt6YkW1nB5xLc9HdF", "xai-"),
    ("TELEGRAM_WEBHOOK_SECRETS", "not allowed by Telegram!", "A-Z a-z 0-9 _ -"),
    ("DATABASE_URL", "mysql://app:mV3pQ8zRt6YkW1nB@db/app", "no Postgres URL"),
]


@pytest.mark.parametrize("name", GOOD)
def test_a_real_value_is_fine(name: str) -> None:
    """Also a URL without a password, where none is asked for."""
    ((severity, message, _),) = said(check, secrets=seen(held(name, GOOD[name])))
    assert (severity, message) == (Severity.INFO, "no secret that can be read holds a placeholder")


@pytest.mark.parametrize(("name", "value", "why"), USELESS)
def test_what_cannot_work_blocks(name: str, value: str, why: str) -> None:
    """By the variable and who holds it; the value is not shown."""
    facts = seen(held(name, value), examples=frozenset({"shown-in-the-example-file"}))
    found = said(check, secrets=facts)
    severity, message, hint = next(each for each in found if why in each[1])
    assert severity is Severity.BLOCK
    assert message.startswith(f"{name} (api)")
    assert "secrets.rotate" in hint or f"replace {name} by hand" in hint
    assert not value.strip() or value.strip() not in repr(found)


@pytest.mark.parametrize(("name", "value", "why"), WEAK)
def test_what_may_work_and_should_not_advises(name: str, value: str, why: str) -> None:
    """It is somebody's decision."""
    found = said(check, secrets=seen(held(name, value)))
    assert [severity for severity, message, _ in found if why in message] == [Severity.ADVISE]


def test_what_cannot_be_read_is_not_judged() -> None:
    """A locked variable."""
    ((severity, *_),) = said(check, secrets=seen(held("SECRET_KEY", None)))
    assert severity is Severity.INFO
