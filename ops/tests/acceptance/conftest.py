"""One copy of the repository per test process, clean before each test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import workshop
from tests.acceptance.workshop import Workshop


@pytest.fixture(scope="session")
def copy() -> Iterator[Workshop]:
    """Return a copy that the tests of this process share.

    Not below pytest's own folder: that one is closed to the database server's account whenever a test run begins.
    """
    folder = Path(tempfile.mkdtemp(prefix="gonogo-acceptance-"))
    yield workshop.make(folder / "assistant")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(copy: Workshop) -> Iterator[Workshop]:
    """Return the copy; what the test leaves in it is taken away."""
    yield copy
    copy.restore()
