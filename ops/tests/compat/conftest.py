"""What the tests of earlier releases stand on: a small shop, and a database at its schema."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from gonogo import config
from gonogo.local import postgres
from gonogo.model import Checkout, Project, Secret

_SHOP = Path(__file__).parent / "shop"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The shop as a release, and a database at its schema.

    Attributes:
        url: of the database; nobody else uses it.
    """

    project: Project
    checkout: Checkout
    url: str

    @property
    def secret(self) -> Secret:
        """Return the database as ports are told."""
        return Secret("DATABASE_URL", self.url)

    def sql(self, *statements: str) -> None:
        """Change the database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@pytest.fixture
def database() -> Iterator[str]:
    """Return an empty database, gone afterwards."""
    server, name = os.environ["TEST_DATABASE_URL"], f"elder_{uuid4().hex[:12]}"
    yield postgres.create_database(server, name)
    postgres.drop_database(server, name)


@pytest.fixture
def shop(tmp_path: Path, database: str) -> Shop:
    """Return the shop; its state is below a folder of the test's own."""
    root = tmp_path / "shop"
    shutil.copytree(_SHOP, root, ignore=shutil.ignore_patterns("__pycache__", "__init__.py"))
    subprocess.run(
        (sys.executable, "-m", "alembic", "upgrade", "head"),
        cwd=root,
        env={**os.environ, "DATABASE_URL": database},
        check=True,
        capture_output=True,
    )
    checkout = Checkout(commit="a" * 40, path=root, python=Path(sys.executable))
    return Shop(project=config.load_project(root / "gonogo.toml", {}), checkout=checkout, url=database)
