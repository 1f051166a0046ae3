"""Databases that the script's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups import places
from tests.backups.places import Place
from tests.contracts import databases


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a small shop's database."""
    with databases.created() as url:
        databases.run(url, *places.SHOP)
        yield Place(url=url, folder=tmp_path)


@pytest.fixture(scope="module")
def heavy() -> Iterator[str]:
    """Return a database whose dump takes a moment and some room: eight tables of random bytes."""
    rows = "(SELECT string_agg(sha512((i * 31 + k)::text::bytea), '') FROM generate_series(1, 512) k)"
    with databases.created() as url:
        for number in range(8):
            databases.run(url, f"CREATE TABLE t{number} AS SELECT i, {rows} AS b FROM generate_series(1, 40) i")  # noqa: S608
        yield url


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup from before, to be copied to where it is to survive."""
    with databases.created() as url:
        databases.run(url, *places.SHOP)
        return Place(url=url, folder=tmp_path_factory.mktemp("earlier")).backups.take("earlier").manifest.parent
