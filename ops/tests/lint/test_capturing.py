"""What each revision sends, captured from real runs of projects that know nothing of the toolkit."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gonogo.adapters import capturing
from gonogo.adapters.capturing import Source
from gonogo.adapters.scratch import scratch_database
from gonogo.errors import RefusedError
from gonogo.model import Chain, Manner
from tests.lint.projects import ASYNC, OWN_SCHEME, SYNC, add, project

ALEMBIC = (sys.executable, "-m", "alembic")


@pytest.fixture
def scratch() -> Iterator[str]:
    """Return an empty database."""
    with scratch_database(os.environ["TEST_DATABASE_URL"]) as url:
        yield url


def _captured(root: Path, scratch: str | None, *, drift: bool = False) -> Chain:
    """Return a project's history."""
    return capturing.capture(Source(command=ALEMBIC, root=root, ini="alembic.ini"), scratch=scratch, drift=drift)


def test_a_plain_project_with_two_heads_is_captured(tmp_path: Path, scratch: str) -> None:
    """Every branch; lines and transactions are those of the revision, and no lock_timeout is noticed."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int PRIMARY KEY)")', 'op.execute("SELECT 1")')
    add(root, "b1", "a1", 'op.add_column("t0", sa.Column("left_", sa.Text()))')
    block = ("with op.get_context().autocommit_block():", '    op.execute("CREATE INDEX CONCURRENTLY i ON t0 (id)")')
    add(root, "c1", "a1", *block, 'op.execute("SELECT 2")')

    chain = _captured(root, scratch)

    found = {each.id: each for each in chain.migrations}
    assert (chain.heads, chain.notes, {each.manner for each in chain.migrations}) == (
        ("b1", "c1"),
        (),
        {Manner.CAPTURED},
    )
    assert [(each.sql, each.line) for each in found["b1"].statements] == [("ALTER TABLE t0 ADD COLUMN left_ TEXT", 11)]
    assert [(each.line, each.transaction is None) for each in found["c1"].statements] == [(12, True), (13, False)]
    assert (found["a1"].lock_timeout, found["b1"].parents) == (False, ("a1",))


def test_an_async_project_is_led_to_the_scratch_database(tmp_path: Path, scratch: str) -> None:
    """Whatever address its env.py knows; its own session settings are kept."""
    root = project(tmp_path, ASYNC)
    add(root, "a1", None, 'op.create_table("t0", sa.Column("id", sa.Integer(), primary_key=True))')

    chain = _captured(root, scratch)

    (only,) = chain.migrations
    assert (only.manner, only.problem, only.lock_timeout) == (Manner.CAPTURED, "", True)
    with psycopg.connect(scratch) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("a1",)


def test_the_driver_is_found_that_the_project_wants(tmp_path: Path, scratch: str) -> None:
    """Where only the environment names the database."""
    root = project(tmp_path, OWN_SCHEME, url="driver://user:pass@localhost/dbname")
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')

    assert [each.manner for each in _captured(root, scratch).migrations] == [Manner.CAPTURED]


def test_behind_a_revision_that_fails_the_rest_is_rendered(tmp_path: Path, scratch: str) -> None:
    """It says why, and nothing is left out."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')
    add(root, "a2", "a1", 'op.execute("SELECT 1")', 'op.execute("SELECT * FROM no_such_table")')
    add(root, "a3", "a2", 'op.create_index("i", "t0", ["id"])')

    chain = _captured(root, scratch)

    assert [each.manner.value for each in chain.migrations] == ["captured", "rendered", "rendered"]
    assert "no_such_table" in chain.migrations[1].problem
    assert chain.migrations[2].statements[0].sql == "CREATE INDEX i ON t0 (id)"
    assert chain.notes[0].startswith("from a2 on SQL was rendered")


def test_models_are_compared_where_it_is_asked(tmp_path: Path, scratch: str) -> None:
    """With the schema that the history ends at."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id serial PRIMARY KEY)")')

    assert "forgotten" in "".join(_captured(root, scratch, drift=True).drift or ())


def test_what_a_run_said_is_kept_until_a_file_changes(tmp_path: Path, scratch: str) -> None:
    """Until then no server is asked; then it is run anew."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')

    def captured(place: str) -> Chain:
        return capturing.capture(
            Source(command=ALEMBIC, root=root, ini="alembic.ini"), scratch=place, memory=root / ".gonogo"
        )

    first, second = captured(scratch), captured("postgresql://nobody@nowhere.invalid/none")
    add(root, "a2", "a1", 'op.execute("ALTER TABLE t0 ADD COLUMN c text")')
    third = captured(scratch)

    assert first == second
    assert [each.id for each in third.migrations] == ["a1", "a2"]
    assert len([*(root / ".gonogo").glob("*.json")]) == 1


def test_without_a_server_everything_is_rendered(tmp_path: Path) -> None:
    """Nothing is contacted."""
    root = project(tmp_path, SYNC)
    add(root, "a1", None, 'op.get_bind().execute(sa.text("SELECT 1")).scalar()', 'op.drop_table("t0")')

    (only,) = _captured(root, None).migrations

    assert [each.sql for each in only.statements] == ["SELECT 1", "DROP TABLE t0"]


def test_a_history_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """In Alembic's words."""
    root = project(tmp_path, SYNC)
    add(root, "a2", "nowhere", "pass")

    with pytest.raises(RefusedError, match="nowhere"):
        _captured(root, None)


@pytest.mark.parametrize(
    ("command", "interpreter", "words"),
    [
        (["{p}", "-m", "alembic", "-c", "a.ini"], ["{p}"], ["-c", "a.ini"]),
        (["uv", "run", "alembic", "-n", "other"], ["uv", "run", "python"], ["-n", "other"]),
    ],
)
def test_the_interpreter_is_told_from_the_command(command: list[str], interpreter: list[str], words: list[str]) -> None:
    """However a project runs Alembic."""
    assert capturing.split_command(command, Path()) == (interpreter, words)


def test_a_command_without_alembic_is_refused() -> None:
    """It names the setting."""
    with pytest.raises(RefusedError, match="does not run Alembic"):
        capturing.split_command(["make", "migrate"], Path())


@pytest.mark.parametrize(
    "env",
    [
        'import os\n\nurl = os.environ["SHOP_URL"]\n',
        'import pydantic\n\npydantic.create_model("Settings", shop_url=(str, ...)).model_validate({"a": "hunter2"})\n',
    ],
)
def test_a_variable_that_env_wants_is_named(tmp_path: Path, scratch: str, env: str) -> None:
    """However its settings are read; and nothing that it was given is quoted."""
    root = project(tmp_path, env)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')

    chain = _captured(root, scratch)

    why = (
        "env.py does not run: it wants SHOP_URL in its environment: export it, or set [lint.environment] in gonogo.toml"
    )
    assert chain.notes == (f"env.py did not get to any revision: all SQL was rendered, not captured: {why}",)


def test_a_revision_is_told_of_no_other_database(tmp_path: Path, scratch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that connects past SQLAlchemy, by whatever variable, must not find the real one."""
    with scratch_database(os.environ["TEST_DATABASE_URL"]) as real:
        monkeypatch.setenv("PROD_DATABASE_URL", real)
        root = project(tmp_path, SYNC)
        connect = 'psycopg.connect(os.environ["PROD_DATABASE_URL"], connect_timeout=2, autocommit=True)'
        add(root, "a1", None, "import os, psycopg", f'{connect}.execute("CREATE TABLE x ()")')

        (migration,) = _captured(root, scratch).migrations

        assert migration.problem
        with psycopg.connect(real) as other:
            assert other.execute("SELECT to_regclass('x')").fetchone() == (None,)
