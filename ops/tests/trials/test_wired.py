"""Trials as an environment of gonogo.toml has them: where they are held, and what env.py is told."""

import os
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from gonogo.adapters import apart
from gonogo.bootstrap import wiring
from gonogo.errors import RefusedError
from gonogo.local import postgres
from gonogo.model import Config, Manner, Secret
from gonogo.protocols import World
from gonogo.testing import config
from tests.contracts import databases
from tests.trials.projects import COMMANDS, EACH, Project

_WANTING = f"import os\n\nassert os.environ['SHOP_MODE'] == 'trial'\n{EACH}"
_TABLE = "op.execute('CREATE TABLE t (id int PRIMARY KEY)')"


def _project(folder: Path, env: str = EACH) -> Project:
    """Return a project of one revision."""
    project = Project(folder, env)
    project.add("start", _TABLE, "op.execute('DROP TABLE t')")
    return project


def _world(folder: Path, database: str, *, stack: str | None = None, told: dict[str, str] | None = None) -> World:
    """Return the real world of an environment whose scratch server is that of the tests."""
    found: Config = config(folder)
    target = replace(
        found.target,
        database_url=Secret("DATABASE_URL", database),
        scratch_url=Secret("SCRATCH_DATABASE_URL", os.environ["TEST_DATABASE_URL"]),
        stack=stack,
    )
    changed = replace(found, commands=COMMANDS, target=target, lint_environment=told or {})
    return wiring.world(changed, observe=lambda _: None)


def test_a_real_environments_own_server_is_no_scratch_server(tmp_path: Path) -> None:
    """Whichever database the URL names; preflight says so, and a trial refuses it."""
    wish = _project(tmp_path).wish()
    with databases.created() as url:
        world = _world(tmp_path, url)
        assert not world.database.scratch_is_apart()
        with pytest.raises(RefusedError, match="another database of the same server"):
            world.trials.hold(wish)


def test_a_local_stack_has_one_server_for_both(tmp_path: Path) -> None:
    """Nobody but its owner is served there."""
    wish = _project(tmp_path).wish()
    with databases.created() as url:
        trial = _world(tmp_path, url, stack="local").trials.hold(wish)
    assert [(each.revision, each.problem) for each in trial.traced] == [("start", "")]


def test_a_stacks_database_says_so_itself(tmp_path: Path) -> None:
    """Whoever exports its values and releases to prod by them has a real environment's name, and none of its data."""
    wish = _project(tmp_path).wish()
    name = f"stacked_{uuid4().hex[:12]}"
    server = os.environ["TEST_DATABASE_URL"]
    try:
        world = _world(tmp_path, postgres.create_database(server, name, says=apart.STACK))
        assert world.database.scratch_is_apart()
        assert world.trials.hold(wish).traced
    finally:
        postgres.drop_database(server, name)


def test_what_env_py_wants_is_told_where_a_release_captures_and_tries(tmp_path: Path) -> None:
    """As `migrate.lint` and `migrate.rehearse` tell it: else the gate would fail where they pass."""
    project = _project(tmp_path, _WANTING)
    with databases.created() as url:
        world = _world(tmp_path, url, stack="local", told={"SHOP_MODE": "trial"})
        (migration,) = world.migrations.chain(project.checkout).migrations
        trial = world.trials.hold(project.wish())
    assert migration.manner is Manner.CAPTURED
    assert [(each.revision, each.problem) for each in trial.traced] == [("start", "")]
