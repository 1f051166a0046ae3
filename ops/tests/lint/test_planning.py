"""`migrate.plan`, `migrate.status` and `migrate.new` in projects that have nothing but a gonogo.toml."""

import ast
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from gonogo import bootstrap, linting
from gonogo.adapters import drafting
from gonogo.adapters.scratch import scratch_database
from gonogo.errors import NoGoError, UsageError
from gonogo.linting.foreseeing import Scope, look_ahead
from gonogo.model import Chain, Foreseen, Migration
from gonogo.report import lines
from gonogo.report import outlook as view
from tests.house.sources import ROOT
from tests.lint.projects import SERVER, SYNC, add, judged, looked, project

ENVIRONMENT = """
[environments.shop]
database_url = "$SHOP_URL"
scratch_url = "$SCRATCH_URL"
"""
NOW = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)


def invoke(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a task in a project."""
    (root / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    told = {**os.environ, "PYTHONPATH": str(ROOT / "ops"), **environ}
    command = (sys.executable, "-m", "invoke", *words)
    return subprocess.run(command, cwd=root, env=told, capture_output=True, text=True, check=False)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a project of three revisions; its database, if it has one, lacks two."""
    root = project(tmp_path, SYNC)
    (root / "gonogo.toml").write_text(ENVIRONMENT)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int PRIMARY KEY, age int)")')
    add(root, "a2", "a1", 'op.add_column("t0", sa.Column("zone", sa.Text(), nullable=True))')
    add(root, "a3", "a2", 'op.drop_column("t0", "age")')
    return root


class TestPlan:
    """migrate.plan: against a target, and without one."""

    def test_what_is_pending_is_held_against_the_target(self, shop: Path) -> None:
        """With words, locks and sizes, what is lost, counted, and the class of each."""
        with scratch_database(SERVER) as url:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE alembic_version AS SELECT 'a1' AS version_num")
                connection.execute("CREATE TABLE t0 (id int PRIMARY KEY, age int)")
                connection.execute("INSERT INTO t0 SELECT i, nullif(i % 2, 0) FROM generate_series(1, 10) i")
            done = invoke(shop, "migrate.plan", "--env", "shop", "--json", SHOP_URL=url, SCRATCH_URL=SERVER)
        said = json.loads(done.stdout)
        assert done.returncode == 0, done.stderr
        assert (said["versions"], [each["revision"]["id"] for each in said["pending"]]) == (["a1"], ["a2", "a3"])
        zone, age = said["pending"]
        assert zone["deeds"]["words"] == ["adds column t0.zone (text, may be NULL)"]
        assert zone["deeds"]["locks"][0]["mode"] == "ACCESS EXCLUSIVE"
        assert (zone["manner"], zone["advice"]["letter"], age["advice"]["letter"]) == ("captured", "A", "D")
        assert age["advice"]["reasons"][0] == "the upgrade takes 5 values of t0.age away"
        assert said["census"]["sizes"]["public.t0"]["rows"] == 10
        assert said["next"] == "mend what blocks, then: invoke migrate.lint --env shop --pending"
        assert "t0  ACCESS EXCLUSIVE for add column, nobody reads or writes, briefly; 10 rows" in done.stderr

    def test_without_an_environment_the_newest_are_told_of(self, tmp_path: Path) -> None:
        """The rest is left out, and that is said; --from tells of what comes after one."""
        root = project(tmp_path, SYNC)
        add(root, "r00", None, 'op.execute("CREATE TABLE t (id int)")')
        for number in range(1, 13):
            add(root, f"r{number:02}", f"r{number - 1:02}", f'op.execute("CREATE TABLE t{number} (id int)")')
        setup = linting.migration_setup(root, {})
        found = look_ahead(judged(setup), None, Scope(newest=10))
        later = look_ahead(judged(setup), None, Scope(start="r10"))
        assert [each.revision.id for each in found.foreseen] == [f"r{number:02}" for number in range(3, 13)]
        assert (found.hidden, [each.revision.id for each in later.foreseen]) == (3, ["r11", "r12"])
        text = lines.plain(view.of_outlook(found))
        assert "3 older revisions left out; --all shows them" in text
        assert "no kind declared (by what it does: expand)" in text

    def test_a_database_ahead_of_the_tree_is_refused(self, shop: Path) -> None:
        """Exit code 4."""
        with scratch_database(SERVER) as url:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE alembic_version AS SELECT 'x9' AS version_num")
            done = invoke(shop, "migrate.plan", "--env", "shop", SHOP_URL=url, SCRATCH_URL=SERVER)
        assert (done.returncode, "x9" in done.stderr) == (4, True)

    def test_sql_is_shortened_unless_all_of_it_is_asked_for(self, shop: Path) -> None:
        """How much is left out is said."""
        setup = linting.migration_setup(shop, {})
        found = look_ahead(judged(setup), None, Scope(is_all=True))
        long = found.foreseen[0]
        many = Foreseen(
            revision=long.revision, sql="SELECT 1;\n" * 20, findings=(), deeds=long.deeds, manner=long.manner
        )
        told = type(found)(versions=(), has_target=False, foreseen=(many,), advices=found.advices[:1])
        assert "… 14 more lines: --sql" in lines.plain(view.of_outlook(told))
        assert "more lines" not in lines.plain(view.of_outlook(told, with_sql=True))


class TestStatus:
    """migrate.status: an exit code for each case."""

    @pytest.mark.parametrize(
        ("statements", "code", "verdict", "rules"),
        [
            (["INSERT INTO alembic_version VALUES ('a3')"], 0, "up_to_date", set()),
            (["INSERT INTO alembic_version VALUES ('a1')"], 3, "pending", set()),
            (
                ["INSERT INTO alembic_version VALUES ('a1')", "CREATE TABLE t0 (id int, age int, zone text)"],
                4,
                "half_applied",
                {"half-applied"},
            ),
            (["INSERT INTO alembic_version VALUES ('a1'), ('a2')"], 4, "half_applied", {"several-versions"}),
            (["INSERT INTO alembic_version VALUES ('x9')"], 4, "half_applied", {"schema-ahead"}),
        ],
    )
    def test_each_state_has_its_code(
        self, shop: Path, statements: list[str], code: int, verdict: str, rules: set[str]
    ) -> None:
        """What is half done is named with what to do."""
        with scratch_database(SERVER) as url:
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE alembic_version (version_num text)")
                for each in statements:
                    connection.execute(each)
            setup = linting.migration_setup(shop, {"SHOP_URL": url, "SCRATCH_URL": SERVER}, "shop")
            target = bootstrap.reach(setup, None)
            assert target is not None
            found = bootstrap.status(setup.root, target, judged(setup), "shop")
        blocking = {each.rule for each in found.findings if each.severity == "block"}
        assert (int(found.exit_code), blocking) == (code, rules)
        assert verdict

    def test_it_ends_with_its_code(self, shop: Path) -> None:
        """And one JSON object."""
        with scratch_database(SERVER) as url:
            done = invoke(shop, "migrate.status", "--env", "shop", "--json", SHOP_URL=url, SCRATCH_URL=SERVER)
        said = json.loads(done.stdout)
        assert (done.returncode, said["exit_code"], said["verdict"], said["pending"]) == (
            3,
            3,
            "pending",
            ["a1", "a2", "a3"],
        ), done.stderr

    def test_without_a_database_nothing_can_be_said(self, tmp_path: Path) -> None:
        """With the flag that is missing."""
        done = invoke(project(tmp_path, SYNC), "migrate.status")
        assert (done.returncode, "--env NAME" in done.stderr) == (2, True)


class TestNew:
    """migrate.new: by the project's own naming."""

    @pytest.mark.parametrize(
        ("ids", "revision"),
        [
            (["0001", "0002", "0013"], "0014"),
            (["9"], "10"),
            (["20250101120000", "20250601120000"], "20261121140509"),
            (["202501011200"], "202611211405"),
        ],
    )
    def test_the_next_id_is_as_those_before(self, ids: list[str], revision: str, tmp_path: Path) -> None:
        """A number counts on, a time is now."""
        assert _drafted(tmp_path, ids).revision == revision

    def test_any_other_id_is_alembics_own(self, tmp_path: Path) -> None:
        """Twelve digits that nobody has yet."""
        assert len(_drafted(tmp_path, ["ae1027a6acf", "1975ea83b712"]).revision) == 12

    @pytest.mark.parametrize("kind", ["expand", "contract", "data"])
    def test_the_file_says_its_kind_and_compiles(self, kind: str, tmp_path: Path) -> None:
        """With a downgrade, behind the head, and without a finding of the linter's."""
        draft = _drafted(tmp_path, ["0001"], kind=kind)
        draft.write()
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse(draft.text).body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        assert (values["kind"], values["reversible"]) == (kind, kind == "expand")
        assert {node.name for node in ast.parse(draft.text).body if isinstance(node, ast.FunctionDef)} == {
            "upgrade",
            "downgrade",
        }
        assert draft.path.name == "0002_add_zones.py"
        linted = looked(linting.migration_setup(tmp_path, {}), only="0002")
        assert linted.findings == ()

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        """What is there stays as it is."""
        draft = _drafted(tmp_path, ["0001"])
        draft.path.write_text("mine")
        with pytest.raises(NoGoError, match="there already"):
            draft.write()
        assert draft.path.read_text() == "mine"

    def test_several_heads_are_refused(self, tmp_path: Path) -> None:
        """Nobody could say what it stands on."""
        with pytest.raises(NoGoError, match="2 heads"):
            _drafted(tmp_path, ["a", "b"], heads=("a", "b"))

    def test_a_title_without_a_letter_is_refused(self, tmp_path: Path) -> None:
        """No file could be named by it."""
        with pytest.raises(UsageError):
            _drafted(tmp_path, ["0001"], title="!!!")

    def test_this_repositorys_own_naming_is_kept(self) -> None:
        """Time, kind and words; nothing is written."""
        done = invoke_here("migrate.new", "add due zones", "--dry-run", "--json")
        said = json.loads(done.stdout)
        assert (done.returncode, said["wrote"], "_expand_add_due_zones.py" in said["path"]) == (0, False, True)
        assert not (ROOT / said["path"]).exists()


def invoke_here(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a task in this repository."""
    told = {**os.environ, "PYTHONPATH": str(ROOT / "ops")}
    command = (sys.executable, "-m", "invoke", *words)
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


def _drafted(
    root: Path, ids: list[str], *, title: str = "add zones", kind: str = "expand", heads: tuple[str, ...] = ()
) -> drafting.Draft:
    """Return a draft behind some revisions of a project."""
    if not (root / "gonogo.toml").exists():
        project(root, SYNC)
    for number, each in enumerate(ids):
        add(root, each, ids[number - 1] if number else None)
    paths = {each: f"migrations/versions/{each}_change.py" for each in ids}
    migrations = tuple(Migration(id=each, path=paths[each], source="") for each in ids)
    chain = Chain(migrations=migrations, heads=heads or (ids[-1],))
    return drafting.draft(chain, title, kind, root=root, ini="alembic.ini", now=NOW)
