"""What the stand-in's tests stand on."""

from collections.abc import Iterator

import pytest

from tests.local.coolify.stage import Host, Stage


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Return a server for all stages."""
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture
def stage(host: Host) -> Iterator[Stage]:
    """Return a stage of the test's own."""
    opened = Stage(host)
    yield opened
    opened.close()
