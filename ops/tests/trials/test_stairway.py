"""What a trial shows of the way back: each revision down and up again, the schema compared, the values counted."""

from collections.abc import Mapping

import pytest

from gonogo.model import Climb, Climbed, Lost
from tests.trials.projects import Project

_START = """
op.execute("CREATE TABLE t (id int PRIMARY KEY, n int, v varchar(20), kind text)")
op.execute("INSERT INTO t SELECT g, nullif(g % 10, 0), 'value ' || g, 'a' FROM generate_series(1, 100) AS g")
op.execute("CREATE TABLE old (id int)")
op.execute("INSERT INTO old SELECT generate_series(1, 7)")
"""


def _add_ways_back(found: Project) -> None:
    """Add revisions that can be taken back."""
    found.add("column", 'op.add_column("t", sa.Column("c", sa.Text(), server_default="x"))', 'op.drop_column("t", "c")')
    found.add("drop_values", 'op.drop_column("t", "n")', 'op.add_column("t", sa.Column("n", sa.Integer()))')
    found.add(
        "shorten",
        'op.execute("ALTER TABLE t ALTER v TYPE varchar(8) USING left(v, 8)")',
        'op.execute("ALTER TABLE t ALTER v TYPE varchar(20)")',
    )
    found.add(
        "unproven",
        'op.create_check_constraint("ck", "t", "id > 0", postgresql_not_valid=True)',
        'op.drop_constraint("ck", "t")',
    )
    found.add("proven", 'op.execute("ALTER TABLE t VALIDATE CONSTRAINT ck")', "pass")
    found.add("rows", 'op.execute("DELETE FROM t WHERE id <= 4")', "pass")
    found.add("nulls", 'op.execute("UPDATE t SET kind = NULL WHERE id <= 14")', "pass")
    found.add("table", 'op.drop_table("old")', 'op.create_table("old", sa.Column("id", sa.Integer()))')
    found.add("rename", 'op.rename_table("t", "things")', 'op.rename_table("things", "t")')
    found.add(
        "new",
        'op.create_table("fresh", sa.Column("id", sa.Integer()))\nop.execute("INSERT INTO fresh VALUES (1), (2)")',
        'op.drop_table("fresh")',
    )


def _add_others(found: Project) -> None:
    """Add revisions that cannot, or not without a trace."""
    found.add("forward", 'op.add_column("things", sa.Column("f", sa.Text()))', more="reversible = False")
    found.add("missing", 'op.add_column("things", sa.Column("g", sa.Text()))')
    found.add("empty", 'op.add_column("things", sa.Column("h", sa.Text()))', "pass")
    found.add("refusing", 'op.add_column("things", sa.Column("i", sa.Text()))', 'raise NotImplementedError("never")')
    found.add("failing", 'op.add_column("things", sa.Column("j", sa.Text()))', 'op.drop_column("things", "k")')
    found.add(
        "index",
        'op.create_index("ix", "things", ["kind"])',
        'op.drop_index("ix")\nop.execute("CREATE INDEX ix2 ON things (id)")',
    )
    found.add(
        "enum",
        'op.execute("CREATE TYPE mood AS ENUM (\'glad\')")\nop.execute("ALTER TABLE things ADD m mood")',
        'op.drop_column("things", "m")',
    )
    found.add(
        "invalid",
        """
        op.execute("CREATE INDEX iy ON things (kind)")
        op.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'iy'::regclass")
        """,
        "op.execute(\"UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'iy'::regclass\")",
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with every kind of way back."""
    found = Project(tmp_path_factory.mktemp("stairs") / "foreign")
    found.add("start", _START)
    _add_ways_back(found)
    _add_others(found)
    return found


@pytest.fixture(scope="module")
def climbed(project: Project) -> Mapping[str, Climbed]:
    """Return each revision, taken back and applied again."""
    trial = project.tried("start")
    assert [each.problem for each in trial.traced if each.problem] == []
    assert [each.revision for each in trial.climbed] == list(reversed(project.ids[1:]))
    return {each.revision: each for each in trial.climbed}


@pytest.mark.parametrize(
    "name", ["column", "drop_values", "shorten", "unproven", "proven", "rows", "nulls", "table", "rename", "new"]
)
def test_what_comes_back_as_it_was_is_a_way_back(climbed: Mapping[str, Climbed], name: str) -> None:
    """Also below revisions that have none: another copy begins there."""
    assert (climbed[name].climb, climbed[name].differences, climbed[name].problem) == (Climb.OK, (), "")


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("column", ()),
        ("drop_values", (Lost(relation="public.t", column="n", values=90),)),
        # 'value 1' fits into eight characters, 'value 10' fits, 'value 100' does not.
        ("shorten", (Lost(relation="public.t", column="v", values=1),)),
        ("rows", (Lost(relation="public.t", column="", values=4),)),
        ("nulls", (Lost(relation="public.t", column="kind", values=10),)),
        ("table", (Lost(relation="public.old", column="", values=7),)),
        ("rename", ()),
        ("new", ()),
        ("forward", ()),
    ],
)
def test_what_the_upgrade_takes_away_is_counted_on_the_copy(
    climbed: Mapping[str, Climbed], name: str, lost: tuple[Lost, ...]
) -> None:
    """Rows, columns, values that do not fit any more; a new name takes nothing away."""
    assert climbed[name].lost_up == lost


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("column", (Lost(relation="public.t", column="c", values=96),)),
        ("new", (Lost(relation="public.fresh", column="", values=2),)),
        ("drop_values", ()),
        ("rename", ()),
    ],
)
def test_what_the_downgrade_takes_away_is_counted(
    climbed: Mapping[str, Climbed], name: str, lost: tuple[Lost, ...]
) -> None:
    """Of what the revision brought."""
    assert climbed[name].lost_down == lost


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forward", "it declares reversible = False"),
        ("missing", "it has no downgrade"),
        ("empty", "its downgrade is empty: the version would move, the schema would stay"),
        ("refusing", "its downgrade refuses"),
    ],
)
def test_a_revision_without_a_way_back_says_so(climbed: Mapping[str, Climbed], name: str, words: str) -> None:
    """And is not tried."""
    assert (climbed[name].climb, climbed[name].problem) == (Climb.NO_DOWNGRADE, words)


def test_a_way_back_that_fails_says_why(climbed: Mapping[str, Climbed]) -> None:
    """In the database's words."""
    failed = climbed["failing"]

    assert failed.climb is Climb.FAILS
    assert failed.problem == 'down: UndefinedColumn: column "k" of relation "things" does not exist'


def test_what_a_way_back_leaves_is_named(climbed: Mapping[str, Climbed]) -> None:
    """A line each, and only once: not again when it is still there later."""
    left = climbed["index"]

    assert left.climb is Climb.FAILS
    assert left.differences == (
        "after the way down, left over: index public.ix2: CREATE INDEX ix2 ON public.things USING btree (id)",
    )
    assert left.problem == 'down a second time: DuplicateTable: relation "ix2" already exists'


def test_an_enum_that_stays_behind_is_found(climbed: Mapping[str, Climbed]) -> None:
    """It bars the way up again."""
    enum = climbed["enum"]

    assert enum.climb is Climb.FAILS
    assert enum.differences == ("after the way down, left over: enum public.mood: glad",)
    assert enum.problem == 'up again: DuplicateObject: type "mood" already exists'


def test_an_index_that_is_not_valid_is_told_from_one_that_is(climbed: Mapping[str, Climbed]) -> None:
    """By its name and definition alone they are the same."""
    assert any("index public.iy" in each for each in climbed["invalid"].differences)


def test_what_runs_in_one_go_and_not_alone_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Alembic remembers for one run which types it has made: deployed one after the other, the second fails."""
    found = Project(tmp_path_factory.mktemp("memory") / "foreign")
    kind = 'sa.Enum("a", name="kind")'
    found.add("one", f'op.create_table("a", sa.Column("k", {kind}))', 'op.drop_table("a")')
    found.add("two", f'op.create_table("b", sa.Column("k", {kind}))', 'op.drop_table("b")')
    found.add("three", 'op.create_table("c", sa.Column("id", sa.Integer()))', 'op.drop_table("c")')

    trial = found.tried()

    assert [each.problem for each in trial.traced] == ["", "", ""]
    three, two, _ = trial.climbed
    assert (two.climb, "already exists" in two.problem) == (Climb.FAILS, True)
    assert three.climb is Climb.NOT_TRIED
