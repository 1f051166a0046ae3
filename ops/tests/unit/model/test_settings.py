"""A secret never prints itself."""

from dataclasses import asdict

import pytest

from gonogo.model import Secret
from tests.unit.releases import CONFIG, leaked

SECRET = Secret("API_TOKEN", "hunter2")


@pytest.mark.parametrize("shown", [str(SECRET), repr(SECRET), f"{SECRET}", f"{[SECRET]}", "%s" % SECRET])  # noqa: UP031
def test_a_secret_shown_in_any_way_stays_one(shown: str) -> None:
    """In a message, in a list, in a log line."""
    assert "hunter2" not in shown


def test_a_secret_is_revealed_to_the_one_call_that_needs_it() -> None:
    """By asking for it."""
    assert SECRET.reveal() == "hunter2"


def test_a_configuration_shows_none_of_its_secrets() -> None:
    """However deep they are."""
    assert leaked(repr(CONFIG)) == []


def test_every_secret_of_a_target_is_among_its_secrets() -> None:
    """What redacts and what weighs them misses none."""
    values = asdict(CONFIG.target).values()
    assert len(CONFIG.target.secrets) == sum(isinstance(value, dict) and "name" in value for value in values)


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://u:pass[word@h/app", "pass[word"),
        ("postgresql://u:pass/word@h/app", "pass/word"),
        ("postgresql://u:pass@word@h/app?a=b@c", "pass@word"),
        ("postgresql://u@h/app?sslmode=require&password=pass%2Fword", "pass/word"),
        ("redis://:pass?word@h", "pass?word"),
    ],
)
def test_a_url_s_password_is_never_shown_however_the_url_is_written(url: str, password: str) -> None:
    """Also where a sign in it is not quoted, so that the URL is none."""
    assert password in Secret("URL", url).words
