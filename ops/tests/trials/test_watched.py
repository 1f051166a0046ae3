"""What a trial shows of a migration that is watched, in projects of every shape."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.adapters.trials.load import Pressure
from gonogo.model import LockMode, Traced, Trial
from tests.trials.projects import EACH, NO_LOAD, TOGETHER, Project, on, strongest, trials

_ASYNC = """
import asyncio

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


def migrate(connection):
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine("postgresql+asyncpg://app:secret@production.invalid/app", poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""
# A runner of its own: a lock on a connection beside, timeouts, its own way to end.
_GUARDED = """
import sys

from alembic import context
from sqlalchemy import NullPool, create_engine, text

url = context.config.get_main_option("sqlalchemy.url")
beside = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
with beside.connect() as keeper:
    keeper.execute(text("SELECT pg_advisory_lock(1, 2)"))
    keeper.execute(text("SELECT count(*) FROM pg_locks"))
    timeouts = {"options": "-c lock_timeout=2000"}
    with create_engine(url, poolclass=NullPool, connect_args=timeouts).connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True, version_table="history")
        try:
            with context.begin_transaction():
                context.run_migrations()
        except Exception as error:
            sys.stderr.write(f"no: {error}")
            sys.exit(75)
"""
_TABLE = """
op.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, v text)")
op.execute("INSERT INTO t SELECT g, g % 10, 'v' || g FROM generate_series(1, {rows}) AS g")
op.execute("CREATE TABLE other (id int PRIMARY KEY, w int, x int)")
op.execute("INSERT INTO other VALUES (1, 1, 1)")
op.execute("CREATE TABLE empty (id int)")
"""
_SLOW = 'op.execute("SELECT pg_sleep({seconds})")'


def _project(root: Path, env: str = EACH, *, rows: int = 100, url: str | None = None) -> Project:
    project = Project(root / "foreign", env, **({"url": url} if url else {}))
    project.add("start", _TABLE.format(rows=rows))
    return project


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Return a trial without a load that fails at its last revision but one."""
    project = _project(tmp_path_factory.mktemp("quiet"), rows=30_000)
    sleep = _SLOW.format(seconds=0.2)
    project.add(
        "twice", f'op.create_index("ix", "t", ["n"])\n{sleep}\nop.drop_column("other", "w")\nop.drop_index("ix")'
    )
    project.add("after", sleep)
    project.add(
        "alone",
        'with op.get_context().autocommit_block():\n    op.execute("CREATE INDEX CONCURRENTLY iy ON t (n, v)")',
    )
    project.add(
        "savepoint",
        f"""
        save = op.get_bind().begin_nested()
        op.execute("LOCK TABLE t IN EXCLUSIVE MODE")
        save.rollback()
        {sleep}
        """,
    )
    project.add("index", 'op.create_index("iz", "t", ["v"])')
    project.add("type", 'op.execute("ALTER TABLE t ALTER n TYPE bigint")')
    project.add("batch", 'with op.batch_alter_table("other", recreate="always") as batch:\n    batch.drop_column("x")')
    project.add("empty", 'op.execute("TRUNCATE t")')
    project.add("refill", "op.execute(\"INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'y')\")")
    project.add("fails", 'op.execute("SELECT 1")\nop.create_unique_constraint("uq", "t", ["n"])')
    project.add("never", 'op.drop_table("other")')
    return project.tried("start")


def _of(trial: Trial, revision: str) -> Traced:
    """Return one revision of a trial."""
    return next(each for each in trial.traced if each.revision == revision)


def test_a_lock_is_held_from_its_statement_to_the_commit(quiet: Trial) -> None:
    """However long later statements of the revision take; a stronger lock on the same table is another hold."""
    traced = _of(quiet, "twice")

    share, exclusive = on(traced, "public.t")
    assert (share.mode, exclusive.mode) == (LockMode.SHARE, LockMode.ACCESS_EXCLUSIVE)
    assert (share.line, exclusive.line) == (11, 14)
    assert share.ended_s == exclusive.ended_s
    assert share.seconds >= 0.2
    assert exclusive.began_s >= share.began_s + 0.2
    assert traced.seconds >= share.ended_s


def test_each_revision_gives_its_locks_back_with_its_own_transaction(quiet: Trial) -> None:
    """And nothing else is said."""
    assert _of(quiet, "after").holds == ()
    assert not any("one transaction" in note for note in quiet.notes)


def test_a_statement_outside_of_a_transaction_is_watched_while_it_runs(quiet: Trial) -> None:
    """Its locks are gone when it comes back."""
    traced = _of(quiet, "alone")

    (hold,) = on(traced, "public.t")
    assert (hold.mode, hold.line) == (LockMode.SHARE_UPDATE_EXCLUSIVE, 12)
    assert 0 < hold.seconds <= traced.seconds


def test_a_lock_that_a_savepoint_gave_back_ends_there(quiet: Trial) -> None:
    """And not at the commit."""
    traced = _of(quiet, "savepoint")

    (hold,) = on(traced, "public.t")
    assert hold.ended_s < traced.seconds - 0.15


def test_growth_and_what_was_written_anew_are_in_bytes(quiet: Trial) -> None:
    """An index makes the database larger by about itself; a new type writes table and indexes anew."""
    index, kind, empty = (_of(quiet, name) for name in ("index", "type", "empty"))

    assert index.growth_bytes > 500_000
    assert index.rewrites == ()
    assert {each.relation for each in kind.rewrites} == {"public.t", "public.t_pkey", "public.iy", "public.iz"}
    assert all(each.bytes > 100_000 for each in kind.rewrites)
    assert empty.rewrites == ()
    assert empty.growth_bytes < -1_000_000


def test_a_table_that_takes_anothers_place_was_written_anew(quiet: Trial) -> None:
    """As batch mode does it: a new table, the old one's rows, the old one's name."""
    traced = _of(quiet, "batch")

    assert "public.other" in {each.relation for each in traced.rewrites}
    assert strongest(traced)["public.other"] is LockMode.ACCESS_EXCLUSIVE


def test_a_revision_that_fails_says_why_and_where_and_ends_the_trial(quiet: Trial) -> None:
    """In the database's words, without the values that it names; what comes after is not tried."""
    failed = quiet.traced[-1]

    assert failed.revision == "fails"
    assert failed.problem == 'line 12: UniqueViolation: could not create unique index "uq"'
    assert quiet.climbed[0].revision == "refill"


def test_the_trial_says_what_it_was_held_on(quiet: Trial) -> None:
    """Without a backup there are no rows to speak of, and without an elder nobody lives on the schema."""
    assert (quiet.backup, quiet.outlived) == ("", None)
    assert quiet.database_bytes > 1_000_000
    assert int(quiet.server_version.partition(".")[0]) >= 14
    assert any("no backup" in note for note in quiet.notes)
    assert any("earlier release" in note for note in quiet.notes)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Return a trial beside a load."""
    project = _project(tmp_path_factory.mktemp("loaded"))
    sleep = "\n" + _SLOW.format(seconds=0.5)
    project.add("index", 'op.create_index("ix", "t", ["n"])' + sleep)
    project.add("column", 'op.add_column("t", sa.Column("c", sa.Text()))' + sleep)
    project.add(
        "trigger",
        """
        op.execute("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
                   "'BEGIN INSERT INTO empty VALUES (1); RETURN NULL; END'")
        op.execute("CREATE TRIGGER noted AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION note()")
        """,
    )
    project.add("comment", "op.execute(\"COMMENT ON TABLE t IS 'x'\")\n" + _SLOW.format(seconds=0.3))
    project.add(
        "look", 'assert op.get_bind().execute(sa.text("SELECT count(*) FROM empty")).scalar() == 0, "rows were written"'
    )
    return project.tried("start", pressure=Pressure(readers=2, writers=2))


def test_the_load_waits_behind_a_lock_and_the_time_is_what_it_waited(loaded: Trial) -> None:
    """Readers and writers behind ACCESS EXCLUSIVE, and only writers behind SHARE."""
    index, column = (
        {(each.relation, each.need): each for each in _of(loaded, name).stalls} for name in ("index", "column")
    )
    assert set(index) == {("public.t", "write")}
    assert set(column) == {("public.t", "write"), ("public.t", "read")}
    (hold,) = on(_of(loaded, "column"), "public.t")
    for stall in column.values():
        assert 1 <= stall.sessions <= 2
        assert stall.longest_s >= 0.1
        assert hold.seconds >= 0.5


def test_nothing_waits_for_a_lock_that_stops_nobody(loaded: Trial) -> None:
    """A concurrent build, a comment."""
    traced = _of(loaded, "comment")

    assert strongest(traced) == {"public.t": LockMode.SHARE_UPDATE_EXCLUSIVE}
    assert traced.stalls == ()


def test_the_load_leaves_the_data_alone(loaded: Trial) -> None:
    """Rows are what they were, also where a trigger writes for each statement."""
    assert [each.problem for each in loaded.traced] == [""] * 5


def test_the_projects_own_load_is_seen_waiting(tmp_path: Path) -> None:
    """It is told where the copy is, and ended; what it waited is counted like that of ours."""
    project = _project(tmp_path)
    (project.root / "load.py").write_text(
        "import os, psycopg\nwith psycopg.connect(os.environ['DATABASE_URL'], autocommit=True) as connection:\n"
        "    while True:\n        connection.execute('SELECT 1 FROM t LIMIT 1')\n"
    )
    lines = """
    ask = op.get_bind().exec_driver_sql
    # Only the watched pass, on the clone for it, has a load.
    is_watched = ask("SELECT right(current_database(), 1)").scalar() == "t"
    for _ in range(3000 if is_watched else 0):
        ask("SELECT pg_stat_clear_snapshot()")
        if ask("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT 1 FROM t LIMIT 1'").scalar():
            break
        ask("SELECT pg_sleep(0.02)")
    op.drop_column("t", "v")
    op.execute("SELECT pg_sleep(0.5)")
    """
    project.add("one", lines)
    script = ("{python}", "load.py")

    trial = project.tried("start", pressure=replace(NO_LOAD, script=script))

    assert [(each.relation, each.need, each.sessions) for each in trial.traced[0].stalls] == [("public.t", "read", 1)]
    assert trial.traced[0].stalls[0].longest_s > 0.1
    assert not any("the load" in note for note in trial.notes)


def test_a_load_that_cannot_be_run_is_noted(tmp_path: Path) -> None:
    """The trial goes on without it."""
    project = _project(tmp_path)
    project.add("one", 'op.drop_column("t", "v")')

    trial = project.tried("start", pressure=replace(NO_LOAD, script=("no-such-program",)))

    assert trial.traced[0].problem == ""
    assert any("no-such-program cannot be run" in note for note in trial.notes)


def test_in_one_transaction_for_all_a_lock_is_held_to_the_end_of_the_last(tmp_path: Path) -> None:
    """As `alembic init` writes env.py; it is said."""
    project = _project(tmp_path, TOGETHER)
    project.add("one", 'op.add_column("t", sa.Column("c", sa.Text()))')
    project.add("two", _SLOW.format(seconds=0.3))

    trial = project.tried("start")

    (hold,) = on(trial.traced[0], "public.t")
    assert hold.seconds >= 0.3
    assert any("one transaction" in note for note in trial.notes)


def test_an_async_project_is_watched_as_well(tmp_path: Path) -> None:
    """With asyncpg, and whatever address its env.py knows."""
    project = _project(tmp_path, _ASYNC)
    project.add("one", 'op.create_foreign_key("fk", "t", "other", ["n"], ["id"], postgresql_not_valid=True)')

    (traced,) = project.tried("start").traced

    assert strongest(traced) == {
        "public.t": LockMode.SHARE_ROW_EXCLUSIVE,
        "public.other": LockMode.SHARE_ROW_EXCLUSIVE,
    }
    assert {each.line for each in traced.holds} == {11}


@pytest.mark.skipif(importlib.util.find_spec("psycopg2") is None, reason="psycopg2 is not installed")
def test_a_project_with_psycopg2_is_watched_as_well(tmp_path: Path) -> None:
    """Its driver is found from its ini file."""
    project = _project(tmp_path, url="postgresql+psycopg2://app@production.invalid/app")
    project.add("one", 'op.drop_column("t", "v")')

    (traced,) = project.tried("start").traced

    assert strongest(traced)["public.t"] is LockMode.ACCESS_EXCLUSIVE


def test_further_connections_of_a_runner_do_not_count(tmp_path: Path) -> None:
    """Nor does its own version table, whatever it is called."""
    project = _project(tmp_path, _GUARDED)
    project.add("one", 'op.add_column("t", sa.Column("c", sa.Text()))')

    (traced,) = project.tried("start").traced

    assert strongest(traced) == {"public.t": LockMode.ACCESS_EXCLUSIVE}


def test_a_revision_may_end_the_process(tmp_path: Path) -> None:
    """The trial says so, and goes on to its end."""
    project = _project(tmp_path)
    project.add("one", "import os, sys\nprint('farewell')\nsys.stdout.flush()\nos._exit(7)")

    (traced,) = project.tried("start").traced

    assert traced.problem == "the process that runs Alembic ended with 7: farewell"


def test_behind_a_long_reader_a_migration_makes_others_wait(tmp_path: Path) -> None:
    """It waits itself, which is no hold; whoever comes then queues behind it."""
    project = _project(tmp_path)
    for number in range(3):
        project.add(f"add{number}", f'op.add_column("t", sa.Column("c{number}", sa.Text()))\nop.execute("SELECT 1")')

    # Long beside whatever a busy machine makes of an ADD COLUMN, and one of three revisions is enough.
    trial = project.tried("start", pressure=Pressure(pause_s=0.02, long_read_s=1.0))

    assert any(
        stall.longest_s > sum(hold.seconds for hold in each.holds if hold.relation == stall.relation)
        for each in trial.traced
        for stall in each.stalls
        if stall.need == "read"
    )


def test_limits_of_production_hold_on_the_copy(tmp_path: Path) -> None:
    """A statement that would not be let run there fails here."""
    env = EACH.replace("engine = ", "import os\nengine = ").replace(
        "poolclass=pool.NullPool",
        'poolclass=pool.NullPool, connect_args={"options": "-c statement_timeout=" + '
        'os.environ["MIGRATION_STATEMENT_TIMEOUT_MS"]}',
    )
    project = _project(tmp_path, env)
    project.add("slow", _SLOW.format(seconds=60))
    tight = replace(trials(), limits=replace(trials().limits, statement_timeout_ms=1000))

    (traced,) = tight.hold(project.wish("start")).traced

    assert "statement timeout" in traced.problem
