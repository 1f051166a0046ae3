"""What gonogo.toml says of secrets is read whole, and every problem of it is told at once."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from gonogo import config as config_room
from gonogo.model import SecretPolicy
from gonogo.secrecy import policy
from tests.house.sources import ROOT

GOOD = """
max_age_days = 30
[variables]
A = { owner = "ada", overlap = "none", max_age_days = 7, rotated = { prod = 2026-01-31 } }
[[exceptions]]
rule = "secrets-are-young"
subject = "A"
reason = "because"
who = "ada"
expires = 2026-12-31
"""


def read(text: str) -> tuple[SecretPolicy, list[str]]:
    """Return the policy of a table, and what is wrong with it."""
    problems: list[str] = []
    return policy.read("secrets", tomllib.loads(text), problems.append), problems


def test_all_of_it_is_read() -> None:
    """Ages by variable, else the default."""
    found, problems = read(GOOD)
    assert problems == []
    assert (found.oldest("A"), found.oldest("B"), found.oldest("DATABASE_URL")) == (7, 30, 180)
    assert found.rows["A"].rotated == {"prod": date(2026, 1, 31)}
    today = date(2026, 12, 31)
    assert policy.excused(found, "secrets-are-young", "A", environment="prod", today=today).startswith("because (ada")
    assert policy.excused(found, "secrets-are-young", "A", environment="prod", today=date(2027, 1, 1)) == ""
    assert policy.excused(found, "secrets-are-real", "A", environment="prod", today=today) == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("max_age_days = 0", "secrets.max_age_days must be"),
        ("max_age_days = true", "secrets.max_age_days must be"),
        ('max_age_days = "90"', "secrets.max_age_days must be"),
        ("other = 1", "secrets.other is not a key"),
        ("variables = 3", "secrets.variables must be tables"),
        ("variables.A = 3", "secrets.variables must be tables"),
        ("variables.A.colour = 3", "secrets.variables.A.colour is not a key"),
        ('variables.A.overlap = "some"', "secrets.variables.A.overlap must be one of"),
        ('variables.A.rotated = { prod = "2026-01-31" }', "secrets.variables.A.rotated must be days"),
        ("variables.A.rotated = 2026-01-31", "secrets.variables.A.rotated must be days"),
        ("variables.A.max_age_days = -1", "secrets.variables.A.max_age_days must be"),
        ("exceptions = 3", "secrets.exceptions must be a list"),
        ('[[exceptions]]\nrule = "a"', "secrets.exceptions 1: reason is missing"),
        ('[[exceptions]]\nexpires = "2026-01-01"', "secrets.exceptions 1: expires is no day"),
        ("[[exceptions]]\nexpires = 2026-01-01T00:00:00", "secrets.exceptions 1: expires is no day"),
        ("[[exceptions]]\ncolour = 1", "secrets.exceptions 1: colour is not a key"),
    ],
)
def test_what_is_wrong_is_told(text: str, wrong: str) -> None:
    """By its key."""
    _, problems = read(text)
    assert any(problem.startswith(wrong) for problem in problems)


def test_the_other_environments_files_are_read_for_comparison(tmp_path: Path) -> None:
    """What is named as a secret there, or sounds like one; a stack has none, and nothing of it is required."""
    text = (ROOT / "gonogo.toml").read_text(encoding="utf-8")
    (tmp_path / "gonogo.toml").write_text(text)
    (tmp_path / ".env.staging").write_text("DATABASE_URL=postgresql://a:b@c/d\nLOG_LEVEL=INFO\nMAIL_PASSWORD=x\n")
    names = ("COOLIFY_TOKEN", "COOLIFY_API_UUID", "COOLIFY_WORKER_UUID", "API_TOKEN")
    urls = {"COOLIFY_URL": "https://c.example.org", "API_URL": "https://a.example.org", "REDIS_URL": "redis://:x@h"}
    databases = dict.fromkeys(("DATABASE_URL", "SCRATCH_DATABASE_URL"), "postgresql://u:p@h/d")
    environ = {**dict.fromkeys(names, "1|some-token-for-it"), **urls, **databases}
    loaded = config_room.load(tmp_path / "gonogo.toml", "prod", environ)
    assert {name: [each.name for each in held] for name, held in loaded.elsewhere.items()} == {
        "staging": ["DATABASE_URL", "MAIL_PASSWORD"]
    }
    assert loaded.secrecy.oldest("DATABASE_URL") == 180
