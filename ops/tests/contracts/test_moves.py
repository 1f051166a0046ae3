"""A schema moved alone, with a real database, a real Alembic, and backups that are restored."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from gonogo import bootstrap, run, steps
from gonogo.adapters import apart
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.catalog import SqlCatalog
from gonogo.adapters.migrations import AlembicMigrations
from gonogo.adapters.postgres import Postgres
from gonogo.journal import State
from gonogo.model import Config, Limits, Plan, Secret, WayBack
from gonogo.protocols import World
from gonogo.testing import NEW, OLD, Scene, config
from tests.contracts.databases import created, one
from tests.contracts.databases import run as sql
from tests.house.sources import ROOT

ENV = """
import os
import sys

from alembic import context
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
limit = os.environ.get("MIGRATION_LOCK_TIMEOUT_MS", "2000")
engine = create_engine(url, poolclass=NullPool, connect_args={"options": f"-c lock_timeout={limit}"})
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    try:
        with context.begin_transaction():
            context.run_migrations()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != "55P03":
            raise
        sys.stderr.write("canceling statement due to lock timeout\\n")
        sys.exit(75)
"""
REVISION = '''"""{title}."""

from alembic import op

revision = "{name}"
down_revision = {parent!r}
kind = "{kind}"
reversible = {reversible}


def upgrade():
    {up}


def downgrade():
    {down}
'''
URL = Secret("DATABASE_URL", os.environ["TEST_DATABASE_URL"])


@dataclass(kw_only=True)
class Place:
    """A project and its database, in a world whose code is imagined."""

    url: str
    config: Config
    scene: Scene

    def world(self) -> World:
        """Return the world: a real database, its catalog, backups and migrations."""
        secret = Secret("DATABASE_URL", self.url)
        limits = self.config.target.limits
        return replace(
            self.scene.world(),
            database=Postgres(secret, scratch_url=URL),
            catalog=SqlCatalog(secret),
            backups=ScriptBackups(
                ("sh", str(ROOT / "ops" / "backup_db.sh")), root=ROOT, folder=self.config.state / "backups", url=secret
            ),
            migrations=AlembicMigrations(self.config.commands, database_url=secret, limits=limits, scratch_url=URL),
        )

    def carried(self, plan: Plan) -> State:
        """Carry a plan out."""
        self.scene.seconds += 60
        return run.execute(plan, world=self.world(), config=self.config, steps=steps.of(plan))

    def up(self, to: str = "") -> State:
        """Go up."""
        return self.carried(bootstrap.upgrade(self.config, self.world(), to=to))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a project of three revisions whose database is empty."""
    for commit in (NEW, OLD):
        _write(tmp_path / commit, last=commit == NEW)
    command = (sys.executable, "-m", "alembic", "-c", "alembic.ini")
    own = config(tmp_path, limits=Limits(lock_timeout_ms=200, migrate_attempts=3))
    own = replace(own, commands=replace(own.commands, migrate=command, migrations="alembic.ini"))
    with created(says=apart.STACK) as url:
        yield Place(url=url, config=own, scene=Scene(root=tmp_path))


def _write(root: Path, *, last: bool) -> None:
    """Write a checkout; that of what serves lacks the last two revisions."""
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (root / "migrations" / "env.py").write_text(ENV)
    table = 'op.execute("CREATE TABLE notes (id int PRIMARY KEY, age int)")'
    _add(versions, "0001", None, table, 'op.execute("DROP TABLE notes")')
    if last:
        zone = 'op.execute("ALTER TABLE notes ADD COLUMN zone text")'
        _add(versions, "0002", "0001", zone, 'op.drop_column("notes", "zone")')
        gone = 'op.execute("ALTER TABLE notes DROP COLUMN age")'
        _add(versions, "0003", "0002", gone, "raise NotImplementedError", kind="contract")


def _add(folder: Path, name: str, parent: str | None, up: str, down: str, *, kind: str = "expand") -> None:
    """Write a revision."""
    text = REVISION.format(
        title=name, name=name, parent=parent, kind=kind, reversible=kind == "expand", up=up, down=down
    )
    (folder / f"{name}_change.py").write_text(text)


def test_a_schema_goes_up_and_back_and_says_what_is_lost(place: Place) -> None:
    """Up with a proven backup; back with each value that is lost counted; a revision without a way back is refused."""
    assert place.up("0001").verdict == "released"
    sql(place.url, "INSERT INTO notes SELECT i, i FROM generate_series(1, 10) i")
    assert place.up("0002").verdict == "released"
    sql(place.url, "UPDATE notes SET zone = 'x' WHERE id <= 4")
    back = bootstrap.take_back(place.config, place.world(), to="0001")
    assert back.forecast is not None
    assert (back.forecast.verdict, back.forecast.reasons) == (
        WayBack.SAFE_WITH_LOSS,
        ("Taking 0002 back loses 4 values of notes.zone.",),
    )
    state = place.carried(back)
    assert (state.verdict, one(place.url, "SELECT version_num FROM alembic_version")) == ("released", "0001")
    assert place.up("0003").verdict == "released"
    stuck = bootstrap.take_back(place.config, place.world(), to="0002").forecast
    assert stuck is not None
    assert (stuck.verdict, "0003 refuses to be taken back" in stuck.reasons[0]) == (WayBack.IMPOSSIBLE, True)


def test_values_that_an_upgrade_takes_are_counted_before(place: Place) -> None:
    """Class D, with how many there are; without a backup it is refused."""
    place.up("0002")
    sql(place.url, "INSERT INTO notes VALUES (1, 30), (2, NULL)")
    place.scene.seconds += 7200
    plan = bootstrap.upgrade(place.config, place.world(), with_backup=False)
    said = {each.rule: each.message for each in plan.findings}
    assert "the upgrade takes 1 value of notes.age away" in said["advice"]
    assert "0003 takes values away for good" in said["restore-point"]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_lock_that_is_not_to_be_had_changes_nothing(place: Place, way: str) -> None:
    """The schema is where it was, and nothing waits behind us."""
    place.up("0001" if way == "up" else "0002")
    with psycopg.connect(place.url) as reader:
        reader.execute("SELECT count(*) FROM notes")
        world = place.world()
        if way == "up":
            plan = bootstrap.upgrade(place.config, world, to="0002")
        else:
            plan = bootstrap.take_back(place.config, world, to="0001")
        assert any(each.rule == "in-the-way" for each in plan.findings)
        state = place.carried(plan)
    step = state.steps["migrate" if way == "up" else "downgrade"]
    assert state.verdict == "rolled_back"
    assert step.failure is not None
    assert step.failure.reference == "migration-lock-timeout"
    assert one(place.url, "SELECT version_num FROM alembic_version") == ("0001" if way == "up" else "0002")
