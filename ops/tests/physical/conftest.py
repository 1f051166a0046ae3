"""One cluster with a chain of three backups, for tests that only read them, and copies that may be damaged."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.local.waiting import until
from tests.physical import clusters
from tests.physical.clusters import Cluster


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What happened in a cluster: three backups, and then two writes that tell moments apart.

    Attributes:
        names: of a full backup and two incremental ones, oldest first.
        between: a time after the first write and before the second.
        between_lsn: the same, as a place in the WAL.
    """

    cluster: Cluster
    names: tuple[str, str, str]
    between: datetime
    between_lsn: int


@pytest.fixture(scope="session")
def tools() -> Iterator[Path]:
    """Return the folder with PostgreSQL's programs."""
    with clusters.open_folder() as folder:
        found = clusters.tools_in(folder)
        if found is None:
            pytest.skip("pg_verifybackup of the wheel cannot be run here, and no other PostgreSQL 18 is installed")
        yield found


@pytest.fixture(scope="session")
def search_path(tools: Path) -> Iterator[None]:
    """Put the programs first on the search path, as the product finds them."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def story(tools: Path, search_path: None) -> Iterator[Story]:
    """Return a cluster with its history."""
    del search_path
    with clusters.running(tools) as cluster:
        # What is set there is for the place where it serves; nothing of it may decide how it is tried out elsewhere.
        cluster.run("ALTER SYSTEM SET port = 6000", "ALTER SYSTEM SET unix_socket_directories = '/nowhere'")
        kept, names = cluster.kept(), []
        for number in range(3):
            taken, _ = kept.take(clusters.named(number))
            names.append(taken.name)
            cluster.run(f"INSERT INTO thoughts SELECT i, 'after {number}' FROM generate_series(1, 10) i")  # noqa: S608
        until(lambda: _is_over(cluster, names[-1]), "the second of the last backup is over", seconds=60)
        cluster.run("INSERT INTO thoughts VALUES (0, 'kept')")
        between = datetime.fromisoformat(cluster.one("SELECT clock_timestamp()")).astimezone(UTC)
        lsn = int(cluster.one("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
        cluster.run("DELETE FROM thoughts", "INSERT INTO thoughts VALUES (0, 'a mistake')")
        cluster.archived()
        yield Story(cluster=cluster, names=(names[0], names[1], names[2]), between=between, between_lsn=lsn)


def _is_over(cluster: Cluster, name: str) -> bool:
    """Return whether a backup's last second is over."""
    (found,) = (each for each in cluster.kept().all() if each.name == name)
    return datetime.now(UTC) > found.finished_at


@pytest.fixture(scope="module")
def place(tools: Path, search_path: None) -> Iterator[Cluster]:
    """Return a cluster without backups, which the tests of a module may change."""
    del search_path
    with clusters.running(tools) as cluster:
        yield cluster


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Return a folder that the account of servers may come to."""
    with clusters.open_folder() as folder:
        yield folder
