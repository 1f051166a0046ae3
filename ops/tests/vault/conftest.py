"""Places: memory, a folder, and a bucket of a real S3 server, one server for all tests of a process."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.vault import samples, serving
from tests.vault.samples import Bench
from tests.vault.serving import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a real S3 server."""
    with serving.running() as server:
        yield server


@pytest.fixture
def bucket(server: Server, tmp_path: Path) -> Iterator[Bench]:
    """Return a bucket of its own, below a prefix."""
    name = f"backups-{uuid4().hex[:12]}"
    serving.create_bucket(server, name)
    yield samples.bench(tmp_path, f"s3://{name}/some/prefix", server.url)
    server.faults.refuses.clear()
    server.faults.away = False


@pytest.fixture
def disk(tmp_path: Path) -> Bench:
    """Return a mounted folder."""
    (tmp_path / "mounted disk").mkdir()
    return samples.bench(tmp_path, f"file://{tmp_path}/mounted%20disk")


@pytest.fixture
def memory(tmp_path: Path) -> Bench:
    """Return a place in memory."""
    return samples.bench(tmp_path, "s3://memory")


@pytest.fixture(params=["memory", "disk", "bucket"])
def place(request: pytest.FixtureRequest) -> Bench:
    """Return each kind of place."""
    found: Bench = request.getfixturevalue(request.param)
    return found
