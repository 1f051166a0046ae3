"""A project whose ledger can be read, and none of whose environment's values are set."""

from pathlib import Path

import pytest

from gonogo.adapters.ledger import SqlLedger

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
[environments.prod]
api_url = "$NOT_SET_HERE"
"""


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlLedger:
    """Return the ledger of a project that is the current folder; nothing else is there."""
    (tmp_path / "gonogo.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return SqlLedger(f"sqlite:///{tmp_path}/.gonogo/ledger.db")
