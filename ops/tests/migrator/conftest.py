"""A project with a table in its database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts import databases
from tests.migrator.projects import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Return a project without revisions; its database has `things` with three rows, and counts tries."""
    with databases.created() as url:
        project = Project(root=tmp_path, url=url)
        project.do(
            "CREATE TABLE things (id int, name text)",
            "INSERT INTO things VALUES (1, 'a'), (2, 'b'), (3, 'b')",
            "CREATE SEQUENCE tries",
        )
        yield project
