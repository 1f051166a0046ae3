"""[environments.NAME.backups]: how backups are taken, kept and proven."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gonogo.config import backups
from gonogo.config.document import Problems
from gonogo.config.values import Reader
from gonogo.model import BackupPolicy

WHOLE = """
[backups]
offsite = "s3://bucket/prod"
endpoint = "https://objects.example.org"
region = "eu"
access_key = "$ACCESS"
secret_key = "$SECRET"
recipients = ["age1one", "age1two"]
identity_file = "$IDENTITY"
keep_daily = 3
proven_days = 7
"""
ENVIRON = {"ACCESS": "access", "SECRET": "secret", "KEYS": "age1one, age1two,"}


def _read(text: str, environ: dict[str, str] = ENVIRON) -> tuple[BackupPolicy, list[str]]:
    """Return the policy and the problems of a table."""
    table: dict[str, Any] = tomllib.loads(text)
    problems = Problems()
    reader = Reader(at="environments.prod", env_file="", environ=environ, problems=problems)
    return backups.read(reader, table), problems.found


def test_nothing_said_is_dumps_on_this_machine() -> None:
    """No table, no second place, no problem."""
    assert _read("") == (BackupPolicy(), [])


def test_everything_said_is_taken() -> None:
    """Secrets by name, keys as they are, an identity that is not set here."""
    policy, problems = _read(WHOLE)

    assert problems == []
    assert (policy.keep_daily, policy.keep_weekly, policy.proven_days) == (3, 8, 7)
    assert policy.offsite is not None
    assert policy.offsite.recipients == ("age1one", "age1two")
    assert policy.offsite.access_key is not None
    assert policy.offsite.access_key.reveal() == "access"
    assert policy.offsite.identity is not None
    assert (policy.offsite.identity.name, policy.offsite.identity.reveal()) == ("IDENTITY", "")


def test_recipients_may_be_a_variable() -> None:
    """With commas between them."""
    policy, _ = _read('[backups]\noffsite = "file:///mnt"\nrecipients = "$KEYS"')

    assert policy.offsite is not None
    assert policy.offsite.recipients == ("age1one", "age1two")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('engine = "tar"', "engine must be one of"),
        ("keep_daily = 0", "keep_daily must be a whole number of 1 or more"),
        ("max_age_h = true", "max_age_h must be a whole number"),
        ('offsite = "ftp://host"', "offsite must begin with s3:// or file:///"),
        ('region = "eu"', "region is of no use without"),
        ('offsite = "file:///mnt"\nrecipients = ["age1one"]', "names one key"),
        ('offsite = "file:///mnt"\nrecipients = ["AGE-SECRET-KEY-1", "age1a"]', "holds a secret key"),
        ('offsite = "s3://b"\nsecret_key = "clear"', "is a secret written into the file"),
        ('offsite = "s3://b"\naccess_key = "$NOT_SET"', "NOT_SET is not set"),
        ("keep = 3", "keep is not a key"),
    ],
)
def test_what_cannot_be_meant_is_told(line: str, words: str) -> None:
    """With the key that it stands at."""
    _, problems = _read(f"[backups]\n{line}")

    assert any(words in problem for problem in problems), problems
    assert not any("clear" in problem for problem in problems)


def test_physical_backups_have_an_archive_and_chains() -> None:
    """As the table says, or by default."""
    policy, problems = _read('[backups]\nengine = "pg_basebackup"\nwal = "/srv/wal"\nkeep_incrementals = 0')

    assert problems == []
    assert (policy.wal, policy.keep_incrementals, policy.full_days) == (Path("/srv/wal"), 0, 7)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('wal = "/srv/wal"', "wal is of no use without environments.prod.backups.engine"),
        ("full_days = 3", "full_days is of no use without"),
        ('engine = "pg_basebackup"\nwal = "srv/wal"', "wal must be a folder from the root on"),
        ('engine = "pg_basebackup"\nfull_days = 0', "full_days must be a whole number of 1 or more"),
        ('engine = "pg_basebackup"\nkeep_incrementals = -1', "keep_incrementals must be a whole number of 0 or more"),
    ],
)
def test_what_is_wrong_with_physical_backups_is_told(line: str, words: str) -> None:
    """Each with its key."""
    _, problems = _read(f"[backups]\n{line}")

    assert any(words in each for each in problems), problems
