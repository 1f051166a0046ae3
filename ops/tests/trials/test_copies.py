"""The place of a trial: guarded, restored from a backup, and left as it was found."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.postgres import Postgres
from gonogo.adapters.trials import copies
from gonogo.adapters.trials.load import Pressure
from gonogo.errors import RefusedError
from gonogo.model import Backup, Checkout, Climb, Outlived, Secret, TrialWish
from tests.contracts import databases
from tests.trials.projects import NO_LOAD, Project, trials

_SCRIPT = Path(__file__).parents[2] / "backup_db.sh"
_WAIT_S = 180.0
# As the runner's own page says to write it.
_RUN = """
from alembic import context
from gonogo_migrator import run

run(context.config.get_main_option("sqlalchemy.url"))
"""


class Elder:
    """An earlier release that looks at its table before and after."""

    def __init__(self) -> None:
        """Begin without having seen anything."""
        self.seen: list[object] = []
        self.database = ""

    def outlive(
        self, elder: Checkout, database: Secret, *, migrate: Callable[[], None], pending: Sequence[str] = ()
    ) -> Outlived:
        """Return that it runs."""
        self.database = database.reveal()
        columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 't'"
        with psycopg.connect(self.database, autocommit=True) as connection:
            row = connection.execute(columns).fetchone()
            self.seen.append(row and row[0])
            migrate()
            row = connection.execute(columns).fetchone()
            self.seen.append(row and row[0])
        return Outlived(commit=elder.commit, runs=True)


def _databases() -> set[str]:
    """Return the names of the databases on the test server."""
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def _ours(wish: TrialWish) -> set[str]:
    return {name for name in _databases() if name.startswith(wish.scratch)}


def _project(root: Path) -> Project:
    project = Project(root / "foreign")
    project.add("start", 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))')
    project.add("one", 'op.add_column("t", sa.Column("c", sa.Text()))', 'op.drop_column("t", "c")')
    return project


def _backup(root: Path, url: str) -> Backup:
    return ScriptBackups(
        ("sh", str(_SCRIPT)), root=root, folder=root / "backups", url=Secret("DATABASE_URL", url)
    ).take("one")


def test_a_trial_on_a_backup_has_its_rows_and_leaves_nothing(tmp_path: Path) -> None:
    """The earlier release gets a copy of its own at its own schema, and sees it migrated."""
    project, elder = _project(tmp_path), Elder()
    with databases.created() as url:
        databases.run(
            url,
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('start')",
            "CREATE TABLE t (id int PRIMARY KEY)",
            "INSERT INTO t SELECT generate_series(1, 50000)",
        )
        backup = _backup(tmp_path, url)
    wish = replace(project.wish("start"), backup=backup, previous=project.checkout)

    trial = replace(trials(), elders=elder, pressure=NO_LOAD).hold(wish)

    assert trial.backup == "one"
    assert trial.database_bytes > 8_000_000
    assert [each.problem for each in trial.traced] == [""]
    assert [each.climb for each in trial.climbed] == [Climb.OK]
    assert trial.outlived == Outlived(commit=project.checkout.commit, runs=True)
    assert elder.seen == [1, 2]
    assert trial.notes == ()
    assert _ours(wish) == set()


def test_roles_that_the_scratch_server_lacks_are_noted(tmp_path: Path) -> None:
    """A server beside production's seldom has them: policies are left out, the rows are there."""
    project, role = _project(tmp_path), f"trials_{uuid4().hex[:12]}"
    with databases.created() as url:
        databases.run(
            url,
            f"CREATE ROLE {role}",
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('start')",
            "CREATE TABLE t (id int PRIMARY KEY)",
            "INSERT INTO t SELECT generate_series(1, 50000)",
            f"ALTER TABLE t OWNER TO {role}",
            f"CREATE POLICY own ON t TO {role} USING (id > 0)",
            "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        )
        backup = _backup(tmp_path, url)
        databases.run(url, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")

    trial = replace(trials(), pressure=NO_LOAD).hold(replace(project.wish("start"), backup=backup))

    assert [each.problem for each in trial.traced] == [""]
    assert trial.database_bytes > 8_000_000
    assert [role in each for each in trial.notes if "has no role" in each] == [True]


def test_a_backup_of_another_revision_is_refused(tmp_path: Path) -> None:
    """What it would show would not be what happens; nothing is left."""
    project = _project(tmp_path)
    with databases.created() as url:
        databases.run(
            url, "CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('one')"
        )
        wish = replace(project.wish("start"), backup=_backup(tmp_path, url))

    with pytest.raises(RefusedError) as refused:
        trials().hold(wish)

    assert refused.value.reference == "trial-start-differs"
    assert "one" in refused.value.message
    assert _ours(wish) == set()


@pytest.mark.parametrize(
    "name", ["production", "gonogo_scratch_", 'gonogo_scratch_1"; DROP', "gonogo_scratch_" + "x" * 60]
)
def test_only_a_name_that_carries_our_mark_is_a_copys(tmp_path: Path, name: str) -> None:
    """Anything else may be somebody's."""
    wish = replace(_project(tmp_path).wish("start"), scratch=name)

    with pytest.raises(RefusedError) as refused:
        trials().hold(wish)

    assert refused.value.reference == "not-a-scratch"


def test_the_target_is_no_place_for_a_trial(tmp_path: Path) -> None:
    """However its URL is written."""
    target = Secret("DATABASE_URL", os.environ["TEST_DATABASE_URL"] + "&application_name=x")
    wish = _project(tmp_path).wish("start")

    with pytest.raises(RefusedError) as refused:
        replace(trials(), target=target).hold(wish)

    assert refused.value.reference == "scratch-is-target"


def test_the_target_is_no_place_for_a_trial_by_another_spelling(tmp_path: Path) -> None:
    """Another role, another address of the same server, its database as a parameter: a lock tells, and no string."""
    with databases.created() as url, databases.created_role() as role:
        parts = urlsplit(databases.as_role(url, role))
        folder = f"{parts.query}/." if "host=" in parts.query else parts.query  # by another name
        query = "&".join(each for each in (folder, f"dbname={parts.path[1:]}") if each)
        other = parts._replace(path="/", query=query).geturl()
        scratch = replace(trials(), scratch_url=Secret("SCRATCH_DATABASE_URL", url))
        wish = _project(tmp_path).wish("start")

        with pytest.raises(RefusedError) as refused:
            replace(scratch, target=Secret("DATABASE_URL", other)).hold(wish)

        assert refused.value.reference == "scratch-is-target"


def test_the_targets_server_is_no_place_for_a_trial_by_another_database(tmp_path: Path) -> None:
    """Its load and its copies meet whoever is served there; both variables are named, and what to do."""
    wish = _project(tmp_path).wish("start")
    with databases.created() as url:
        target = Secret("DATABASE_URL", url)
        with pytest.raises(RefusedError, match="SCRATCH_DATABASE_URL leads to the target's own server") as refused:
            replace(trials(), target=target).hold(wish)
        assert "DATABASE_URL" in refused.value.message
        assert refused.value.hint.startswith("set scratch_url or shadow_database_url")
        shared = replace(trials(), target=target, may_share=True, pressure=NO_LOAD).hold(wish)
        assert any("another database of the same server" in note for note in shared.notes)


def test_a_clone_that_was_being_made_when_its_trial_was_killed_goes_with_the_copy(tmp_path: Path) -> None:
    """The server finishes it, with all the data in it, and nobody is left to write on it whose it is."""
    left = f"gonogo_scratch_{uuid4().hex[:12]}"
    server = os.environ["TEST_DATABASE_URL"]
    databases.run(server, f"CREATE DATABASE {left}", f"COMMENT ON DATABASE {left} IS 'gonogo trial {left}'")
    databases.run(server, f"CREATE DATABASE {left}s TEMPLATE {left}")

    assert replace(trials(), pressure=NO_LOAD).hold(_project(tmp_path).wish("start")).climbed

    assert not {left, f"{left}s"} & _databases()


def test_a_trial_that_came_in_by_another_database_is_not_swept(tmp_path: Path) -> None:
    """Advisory locks are a database's, and the copies are the server's."""
    theirs = f"gonogo_scratch_{uuid4().hex[:12]}"
    project = _project(tmp_path)
    with (
        databases.created() as url,
        copies.held(Secret("SCRATCH_DATABASE_URL", url), theirs, target=None) as running,
        running.original(None) as copy,
    ):
        assert replace(trials(), pressure=NO_LOAD).hold(project.wish("start")).climbed
        assert copy.name in _databases()
        with pytest.raises(RefusedError, match="another trial works"):
            trials().clear(theirs)


def test_what_is_being_restored_says_already_whose_it_is(tmp_path: Path) -> None:
    """Killed in the middle of it, a copy of all data must not stay for ever under a name that nobody asks for again."""
    project = _project(tmp_path)
    with databases.created() as url:
        databases.run(
            url,
            "CREATE TABLE alembic_version (version_num text)",
            "INSERT INTO alembic_version VALUES ('start')",
            "CREATE TABLE t (id int PRIMARY KEY)",
        )
        backup = _backup(tmp_path, url)
    wish = replace(project.wish("start"), backup=backup)
    seen: list[object] = []

    def look(self: Postgres, backup: Backup, scratch_name: str) -> None:
        with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
            query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
            seen.extend(connection.execute(query, [scratch_name]).fetchall())
        fill(self, backup, scratch_name)

    fill = Postgres.fill
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Postgres, "fill", look)
        replace(trials(), pressure=NO_LOAD).hold(wish)

    assert seen == [(f"gonogo trial {wish.scratch}",)]


def test_the_load_runs_no_trigger_of_the_copy(tmp_path: Path) -> None:
    """One of a statement fires without a row, and what it sends elsewhere no rollback takes back."""
    project = Project(tmp_path / "foreign")
    project.add(
        "start",
        """
        op.execute("CREATE TABLE t (id int)")
        op.execute("CREATE SEQUENCE fired")  # no rollback takes back what is drawn
        op.execute(
            "CREATE FUNCTION reach_out() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM nextval('fired'); RETURN NULL; END $$"
        )
        op.execute("CREATE TRIGGER r AFTER DELETE OR INSERT OR UPDATE ON t EXECUTE FUNCTION reach_out()")
        """,
    )
    project.add(
        "one",
        """
        op.execute("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
        op.execute("SELECT pg_sleep(0.3)")
        op.execute("ALTER TABLE t ADD COLUMN fired bool")
        op.execute("DO $$ BEGIN ASSERT (SELECT NOT is_called FROM fired), 'a trigger ran'; END $$")
        """,
    )

    assert [each.problem for each in project.tried("start", pressure=Pressure()).traced] == [""]


def test_an_env_that_does_not_run_refuses_in_words(tmp_path: Path) -> None:
    """Without a trace, and with nothing left."""
    project = _project(tmp_path)
    (project.root / "migrations" / "env.py").write_text('raise RuntimeError("no settings")')
    wish = project.wish("start")

    with pytest.raises(RefusedError) as refused:
        trials().hold(wish)

    assert refused.value.reference == "env-fails"
    assert "no settings" in refused.value.message
    assert _ours(wish) == set()


def test_the_projects_interpreter_needs_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Production's environment has Alembic and the project, and not this toolkit."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['gonogo'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    trial = _project(tmp_path).tried("start")
    assert [(each.revision, each.problem) for each in trial.traced] == [("one", "")]


def test_the_table_of_the_runner_is_no_revisions_work(tmp_path: Path) -> None:
    """Neither its lock nor its coming is told: it is written beside the version, as Alembic's own."""
    project = Project(tmp_path / "foreign", _RUN)
    project.add("start", 'op.execute("CREATE TABLE t (id int PRIMARY KEY)")', 'op.drop_table("t")')
    project.add("more", 'op.add_column("t", sa.Column("n", sa.Integer()))', 'op.drop_column("t", "n")')
    trial = project.tried()
    assert [{hold.relation for hold in each.holds} for each in trial.traced] == [set(), {"public.t"}]
    assert [(each.climb, each.differences) for each in trial.climbed] == [(Climb.OK, ())] * 2


def test_a_value_that_the_database_quotes_is_in_no_trial(tmp_path: Path) -> None:
    """Reports and ledgers are read by more people than the data."""
    project = Project(tmp_path / "foreign")
    project.add("start", "op.execute(\"CREATE TABLE t AS SELECT 'ann@example.org' AS mail\")")
    project.add("one", 'op.execute("ALTER TABLE t ALTER mail TYPE int USING mail::int")')

    (traced,) = project.tried("start").traced

    assert 'invalid input syntax for type integer: "…"' in traced.problem
    assert "ann" not in traced.problem


def test_a_revision_is_told_of_no_other_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that connects past SQLAlchemy, by whatever variable, must not find the real one."""
    with databases.created() as real:
        monkeypatch.setenv("PROD_DATABASE_URL", real)
        monkeypatch.setenv("ARCHIVE_DSN", real.replace("postgresql:", "POSTGRES:", 1))
        project = _project(tmp_path)
        project.add(
            "two",
            """
            import os, psycopg
            assert "contracts_" not in os.environ["ARCHIVE_DSN"]
            with psycopg.connect(os.environ["PROD_DATABASE_URL"], connect_timeout=2) as other:
                other.execute("CREATE TABLE x ()")
            """,
        )

        assert project.tried("one").traced[0].problem
        assert databases.one(real, "SELECT to_regclass('x')") is None


def test_two_trials_of_one_name_do_not_meet(tmp_path: Path) -> None:
    """The second is refused while the first has its lock."""
    wish = _project(tmp_path).wish("start")
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7283402, hashtext(%s))", [wish.scratch])
        with pytest.raises(RefusedError) as refused:
            trials().hold(wish)

    assert refused.value.reference == "trial-running"


def test_what_a_killed_trial_leaves_is_dropped_by_the_next(tmp_path: Path) -> None:
    """Whatever the next one is called; a database that merely looks like ours stays."""
    project = _project(tmp_path)
    project.add("endless", 'op.execute("SELECT pg_sleep(600)")')
    wish = project.wish("start")
    code = f"""
        import sys
        sys.path[:0] = {sys.path!r}
        from pathlib import Path
        from tests.trials.projects import trials, Project
        from gonogo.model import Checkout, Revision, TrialWish
        checkout = Checkout(commit="a" * 40, path=Path({str(project.root)!r}), python=Path(sys.executable))
        pending = tuple(
            Revision(id=each, title="", kind="", reversible=False, path="") for each in ("one", "endless")
        )
        trials().hold(TrialWish(checkout=checkout, pending=pending, scratch={wish.scratch!r}, start="start"))
    """
    bystander = f"gonogo_scratch_{uuid4().hex[:12]}"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {bystander}")
        try:
            process = subprocess.Popen((sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)))
            _until(lambda: _sleeps(connection, wish.scratch))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert len(_ours(wish)) == 2

            next_ = replace(project.wish("start"), pending=project.wish("start").pending[:1])
            _until(lambda: not replace(trials(), pressure=NO_LOAD).hold(next_).traced[0].problem and not _ours(wish))

            assert bystander in _databases()
        finally:
            connection.execute(f"DROP DATABASE {bystander}")


def _sleeps(connection: psycopg.Connection, scratch: str) -> bool:
    """Return whether a migration of a trial is in the middle of its endless statement."""
    query = "SELECT FROM pg_stat_activity WHERE starts_with(datname, %s) AND query = 'SELECT pg_sleep(600)'"
    return connection.execute(query, [scratch]).fetchone() is not None


def _until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens elsewhere."""
    deadline = time.monotonic() + _WAIT_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
