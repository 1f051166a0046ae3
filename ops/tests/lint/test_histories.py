"""Hundreds of revisions of others are captured, planned, linted and rehearsed with nothing but a gonogo.toml."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gonogo import bootstrap, linting
from gonogo.adapters.postgres import Postgres
from gonogo.adapters.scratch import scratch_database
from gonogo.linting import judging
from gonogo.linting.foreseeing import Scope, look_ahead
from gonogo.local import postgres
from gonogo.model import Climb, Secret
from tests.lint.histories import History, generate

# FOREIGN_REVISIONS=800 FOREIGN_REHEARSED=200 is the large form.
REVISIONS = int(os.environ.get("FOREIGN_REVISIONS", "200"))
REHEARSED = int(os.environ.get("FOREIGN_REHEARSED", "8"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return a server out of a wheel, as a project without one is tried on: it has next to no extensions."""
    folder = Path(os.environ["TEST_FOLDER"]) / f"histories-{os.getpid()}" / "data"
    yield postgres.start(folder, durable=False).url
    postgres.stop(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """Return a project, and what is known of its history."""
    root = tmp_path_factory.mktemp("ledger")
    return root, generate(root, REVISIONS)


def test_what_blocks_is_what_was_planted(project: tuple[Path, History], server: str) -> None:
    """Each planted revision is found by its rule, no other one blocks, and none is only rendered."""
    root, made = project
    asked, where = linting.Asked(), linting.Server(url=server, is_ours=True)

    linted = judging.look(linting.migration_setup(root, {}), asked, server=lambda: where)

    assert (sorted(linted.revisions), linted.rendered) == (sorted(made.ids), ())
    found: dict[str, set[str]] = {}
    for each in linted.blocking:
        found.setdefault(Path(each.where.partition(":")[0]).name.partition("_")[0], set()).add(each.reference)
    assert {*found} == {*made.planted}
    assert all(rule in found[name] for name, rule in made.planted.items())


def test_all_of_it_is_planned_in_an_order_that_can_be_applied(project: tuple[Path, History], server: str) -> None:
    """Each revision once, after all that it stands on; what lacks on the server is said."""
    root, made = project
    setup = linting.migration_setup(root, {})
    judgement = judging.judge(setup, server=lambda: linting.Server(url=server, is_ours=True))

    told = look_ahead(judgement, None, Scope(is_all=True))

    order = [each.revision.id for each in told.foreseen]
    assert sorted(order) == sorted(made.ids)
    seen = set[str]()
    for each in told.foreseen:
        assert seen.issuperset(made.parents[each.revision.id]), each.revision.id
        seen.add(each.revision.id)
    assert any("citext: others stand in for its types" in note for note in told.notes)


def test_the_newest_are_rehearsed_up_and_down(project: tuple[Path, History], server: str) -> None:
    """Each runs on the copy, which the hundreds before it have made; what leads back alone is climbed."""
    root, made = project
    place = bootstrap.Place(setup=linting.migration_setup(root, {}), config=None, server=server)

    told = bootstrap.rehearse(place, bootstrap.Asked(newest=REHEARSED))

    assert told.trial is not None
    assert {each.revision: each.problem for each in told.trial.traced} == {each.id: "" for each in told.revisions}
    assert {*made.ids[-REHEARSED:]} <= {each.id for each in told.revisions}
    climbed = {each.revision: each.climb for each in told.trial.climbed}
    assert {*climbed} == {each.id for each in told.revisions}
    assert Climb.FAILS not in climbed.values()


def test_a_version_table_of_another_name_and_schema_is_found() -> None:
    """Where it is the only one that looks like it; two of them say nothing, and the usual name goes first."""
    with scratch_database(os.environ["TEST_DATABASE_URL"]) as url:
        database = Postgres(Secret("DATABASE_URL", url), scratch_url=Secret("SCRATCH_DATABASE_URL", url))
        seen = [database.revisions()]
        with psycopg.connect(url, autocommit=True) as connection:
            for place in ("tenant.version", "other.version", "public.alembic_version"):
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {place.partition('.')[0]}".encode())
                connection.execute(f"CREATE TABLE {place} (version_num varchar(32) PRIMARY KEY)".encode())
                connection.execute(f"INSERT INTO {place} VALUES ('{place}')".encode())  # noqa: S608
                seen.append(database.revisions())

    assert seen == [(), ("tenant.version",), (), ("public.alembic_version",)]
