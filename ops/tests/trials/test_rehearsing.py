"""`migrate.rehearse` in projects that have nothing but a gonogo.toml, on real servers, with real backups."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gonogo import bootstrap
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.scratch import scratch_database
from gonogo.errors import NoGoError, UsageError
from gonogo.model import Rehearsed, Secret, Severity
from tests.house.sources import ROOT
from tests.lint.projects import SYNC, add, project

SERVER = os.environ["TEST_DATABASE_URL"]
FILE = """
[environments.shop]
database_url = "$SHOP_URL"
scratch_url = "$SCRATCH_URL"
[environments.shop.limits]
trial_reads_s = 3600
trial_writes_s = 3600
trial_revision_s = 3600
"""
INDEX = 'op.create_index("ix", "users", ["name"])'


@pytest.fixture
def shop() -> Iterator[str]:
    """A shop's database at its first revision, with rows."""
    with scratch_database(SERVER) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE users (id int PRIMARY KEY, name text)")
            connection.execute("INSERT INTO users SELECT n, 'name ' || n FROM generate_series(1, 500) n")
            connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
            connection.execute("INSERT INTO alembic_version VALUES ('a1')")
        yield url


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two revisions, of which the shop has the first."""
    root = project(tmp_path, SYNC)
    (root / "gonogo.toml").write_text(FILE)
    add(root, "a1", None, 'op.execute("CREATE TABLE users (id int PRIMARY KEY, name text)")')
    add(root, "a2", "a1", INDEX, 'op.execute("SET LOCAL lock_timeout = 1000")')
    return root


def _taken(root: Path, url: str, name: str) -> ScriptBackups:
    """Take a backup of the shop, with the project's own script, and return where it is."""
    folder = root / ".gonogo" / "backups" / "shop"
    script = ("sh", str(ROOT / "ops" / "backup_db.sh"))
    backups = ScriptBackups(script, root=root, folder=folder, url=Secret("SHOP_URL", url))
    backups.take(name)
    return backups


def _rehearsed(root: Path, shop: str, **asked: Any) -> Rehearsed:
    """Return what a rehearsal for the shop comes to."""
    environ = {"SHOP_URL": shop, "SCRATCH_URL": SERVER}
    setup = bootstrap.migration_setup(root, environ, "shop")
    place = bootstrap.Place(setup=setup, config=None, server=SERVER)
    return bootstrap.rehearse(place, bootstrap.Asked(environment="shop", **asked))


def test_the_newest_backup_is_restored_and_tried(root: Path, shop: str) -> None:
    """What the statement did to these rows clears what its text alone would stop; the shop is not touched."""
    _taken(root, shop, "20260101T000000Z")
    with psycopg.connect(shop) as connection:
        connection.execute("INSERT INTO users SELECT n, 'later' FROM generate_series(501, 700) n")
    _taken(root, shop, "20260102T000000Z")
    told = _rehearsed(root, shop)
    assert told.backup is not None
    assert told.trial is not None
    assert (told.backup.name, told.backup.row_counts["public.users"]) == ("20260102T000000Z", 700)
    assert [(each.revision, each.problem) for each in told.trial.traced] == [("a2", "")]
    found = {each.rule: each for each in told.findings["a2"]}
    assert found["index-not-concurrent"].severity is Severity.INFO
    assert "cleared by the trial: SHARE on public.users" in found["index-not-concurrent"].message
    assert told.is_good
    with psycopg.connect(shop) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("a1",)


def test_a_backup_is_had_by_its_name_and_only_as_it_was_written(root: Path, shop: str) -> None:
    """Another name is a mistake on the command line; a changed file is not restored."""
    _taken(root, shop, "20260101T000000Z")
    with pytest.raises(UsageError, match="has no backup 'monday'"):
        _rehearsed(root, shop, backup="monday")
    dump = root / ".gonogo" / "backups" / "shop" / "20260101T000000Z" / "dump" / "toc.dat"
    dump.write_bytes(dump.read_bytes() + b"x")
    with pytest.raises(NoGoError, match="has changed since it was written"):
        _rehearsed(root, shop, backup="20260101T000000Z")


def test_what_is_over_a_budget_or_fails_on_the_data_stops_unless_it_is_waived(root: Path, shop: str) -> None:
    """A waiver stands in the revision, with a reason and a last day, as for any rule."""
    (root / "gonogo.toml").write_text(FILE.replace("trial_writes_s = 3600", "trial_writes_s = 0"))
    add(root, "a3", "a2", INDEX.replace('"ix"', '"iy"'), 'op.execute("SET LOCAL lock_timeout = 1000")')
    add(root, "a4", "a3", 'op.execute("ALTER TABLE users ADD CHECK (id < 100)")')
    (path,) = root.glob("migrations/versions/a3*.py")
    path.write_text(
        f"{path.read_text()}# gonogo: allow trial-stops-writes until 2999-01-01: nobody orders at night\n"
        "# gonogo: allow index-not-concurrent until 2999-01-01: nobody orders at night\n"
    )
    _taken(root, shop, "20260101T000000Z")
    told = _rehearsed(root, shop, backup="20260101T000000Z")
    blocking = {
        name: {each.rule for each in found if each.severity is Severity.BLOCK} for name, found in told.findings.items()
    }
    assert (told.is_good, "trial-stops-writes" in blocking["a2"], blocking["a3"]) == (False, True, set())
    assert "trial-fails" in blocking["a4"]


def test_the_task_ends_by_the_verdict_and_leaves_a_page(root: Path, shop: str) -> None:
    """Without a backup it begins empty, and says so; one JSON object, a page, and the same beside it."""
    (root / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "ops"), "SHOP_URL": shop, "SCRATCH_URL": SERVER}

    def invoke(*words: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-m", "invoke", "migrate.rehearse", "--env", "shop", *words)
        return subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)

    done = invoke("--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["exit_code"], said["verdict"], said["start"]) == (4, 4, "no_go", "a1")
    assert said["notes"][0] == "rehearsed from an empty database: shop has no backup: invoke backup.run --env shop"
    assert "lock" in done.stderr
    page = Path(said["report"])
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads(page.with_suffix(".json").read_text(encoding="utf-8")) == said
    assert invoke("--from", "a2").returncode == 0
    assert invoke("--from", "a1", "--backup", "x").returncode == 2
