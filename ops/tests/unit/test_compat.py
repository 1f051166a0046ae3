"""What an earlier release relies on, and what becomes of it: told from catalogs, models and answers."""

from dataclasses import replace
from datetime import date

import pytest

from gonogo import compat
from gonogo.compat.types import is_wider
from gonogo.model.schemas import (
    Answer,
    Breach,
    Catalog,
    Column,
    Constraint,
    Excuse,
    ModelColumn,
    Models,
    Relation,
    Sent,
    UniqueIndex,
)

ID = Column(name="id", type="bigint", not_null=True, identity="d")
NAME = Column(name="name", type="text")
KIND = Column(name="kind", type="mood", not_null=True, default="'good'::mood")
ITEMS = Relation(
    name="items",
    columns={"id": ID, "name": NAME, "kind": KIND},
    uniques=(UniqueIndex(name="items_pkey", columns=("id",)),),
    constraints={
        "valid": Constraint(name="valid", kind="c", columns=("name",), definition="CHECK (name IN ('a', 'b'))"),
        "owner": Constraint(
            name="owner", kind="f", columns=("id",), refers="users", on_delete="c", definition="FOREIGN KEY …"
        ),
    },
    granted=frozenset({"app SELECT"}),
)
MODELS = Models(
    tables={
        "items": {
            "id": ModelColumn(nullable=False),
            "name": ModelColumn(nullable=True),
            "kind": ModelColumn(nullable=False),
        }
    }
)
BEFORE = Catalog(relations={"items": ITEMS}, enums={"mood": ("good", "bad")})
DELETE = Sent(sql="DELETE FROM users WHERE id = $1")
INSERT = Sent(sql="INSERT INTO items (name, kind) VALUES ($1, $2)")


def told(
    after: Relation | None, *, models: Models = MODELS, sent: tuple[Sent, ...] = (), **changes: object
) -> list[Breach]:
    """Return what is said of a newer schema."""
    known = compat.baseline(BEFORE, models, sent, [Answer() for _ in sent])
    now = replace(BEFORE, relations={after.name: after} if after else {}, **changes)  # type: ignore[arg-type]
    return list(compat.judge(known, now, [Answer() for _ in sent]))


def having(*columns: Column, **changes: object) -> Relation:
    """Return the table with some columns made new or other."""
    return replace(ITEMS, columns={**ITEMS.columns, **{each.name: each for each in columns}}, **changes)  # type: ignore[arg-type]


def ruled(rule: Constraint) -> Relation:
    """Return the table with one more rule, or another one."""
    return replace(ITEMS, constraints={**ITEMS.constraints, rule.name: rule})


def check(definition: str, *columns: str, name: str = "new") -> Constraint:
    """Return a check."""
    return Constraint(name=name, kind="c", columns=columns, definition=f"CHECK ({definition})")


BREAKING = {
    "table gone": None,
    "column gone": replace(ITEMS, columns={"id": ID, "kind": KIND}),
    "new column that must be given": having(Column(name="size", type="text", not_null=True)),
    "stricter column": having(replace(NAME, not_null=True)),
    "other type": having(replace(NAME, type="jsonb")),
    "default gone": having(replace(KIND, default="")),
    "identity gone": having(replace(ID, identity="")),
    "column that cannot be written": having(replace(NAME, generated="s")),
    "unique": replace(ITEMS, uniques=(*ITEMS.uniques, UniqueIndex(name="u", columns=("name",)))),
    "unique with a constant": replace(
        having(Column(name="lane", type="text", not_null=True, default="'x'")),
        uniques=(*ITEMS.uniques, UniqueIndex(name="u", columns=("lane",))),
    ),
    "value of a list gone": ruled(check("name IN ('a')", "name", name="valid")),
    "check that says not NULL": ruled(check("name IS NOT NULL", "name")),
    "exclusion": ruled(Constraint(name="x", kind="x", columns=("name",), definition="EXCLUDE …")),
    "right gone": replace(ITEMS, granted=frozenset()),
    "rows hidden": replace(ITEMS, hides_rows="forced"),
}
POSSIBLE = {
    "check of values": ruled(check("length(name) > 1", "name")),
    "trigger": replace(ITEMS, triggers={"t": "CREATE TRIGGER t"}),
    "reference": ruled(Constraint(name="f", kind="f", columns=("name",), refers="users", definition="FOREIGN KEY …")),
    "rows hidden from others": replace(ITEMS, hides_rows="on"),
}
SAFE = {
    "nothing": ITEMS,
    "new column": having(Column(name="size", type="text")),
    "new column that fills itself": having(Column(name="size", type="text", not_null=True, default="'m'")),
    "column that may be NULL": having(replace(KIND, not_null=False)),
    "column that its models never leave out": having(replace(KIND, not_null=True)),
    "unique with the key in it": replace(
        ITEMS, uniques=(*ITEMS.uniques, UniqueIndex(name="u", columns=("id", "name")))
    ),
    "unique new column": replace(
        having(Column(name="handle", type="text")),
        uniques=(*ITEMS.uniques, UniqueIndex(name="u", columns=("handle",))),
    ),
    "longer list": ruled(check("name IN ('a', 'b', 'c')", "name", name="valid")),
    "check of a new column": replace(
        ruled(check("size > 0", "size")), columns=having(Column(name="size", type="int")).columns
    ),
    "rule gone": replace(ITEMS, constraints={}),
    "more rights": replace(ITEMS, granted=frozenset({"app SELECT", "app INSERT"})),
}


@pytest.mark.parametrize("after", BREAKING.values(), ids=BREAKING)
def test_what_an_elder_relies_on_breaks_it(after: Relation | None) -> None:
    """For certain, and the sentence names it."""
    found = [each for each in told(after) if each.is_certain]

    assert found
    assert all(each.subject.startswith("items") and "items" in each.message for each in found)


@pytest.mark.parametrize("after", POSSIBLE.values(), ids=POSSIBLE)
def test_what_depends_on_rows_may_break_it(after: Relation) -> None:
    """A note, and no verdict."""
    assert [each.is_certain for each in told(after)] == [False]


@pytest.mark.parametrize("after", SAFE.values(), ids=SAFE)
def test_what_an_elder_does_not_notice_is_not_told(after: Relation) -> None:
    """Nothing is said."""
    assert told(after) == []


def test_value_of_an_enumerated_type_that_is_gone_breaks() -> None:
    """A new one does not."""
    assert [each.subject for each in told(ITEMS, enums={"mood": ("good", "poor")})] == ["mood"]
    assert told(ITEMS, enums={"mood": ("good", "bad", "fair")}) == []


def test_what_nobody_uses_may_go() -> None:
    """Neither models nor statements name it."""
    assert told(None, models=Models(tables={"other": {"id": ModelColumn(nullable=False)}})) == []


def test_without_models_everything_counts_as_used() -> None:
    """Rather a false alarm than a broken release."""
    assert told(None, models=Models(problem="no metadata"))[0].is_certain


def test_default_that_every_insert_does_without_is_not_missed() -> None:
    """The statements say which columns are given."""
    assert told(having(replace(KIND, default="")), sent=(INSERT,)) == []


def test_rows_that_went_along_and_no_longer_do_stop_a_delete_that_is_sent() -> None:
    """For certain where the delete was seen."""
    firm = replace(ITEMS.constraints["owner"], on_delete="a")

    assert [each.is_certain for each in told(ruled(firm))] == [False]
    assert [each.is_certain for each in told(ruled(firm), sent=(DELETE,))] == [True]


def test_statement_that_is_refused_is_told_once_for_each_reason() -> None:
    """With the column that the database names."""
    sent = (Sent(sql="SELECT name FROM items"), Sent(sql="SELECT id, name FROM items"))
    known = compat.baseline(BEFORE, MODELS, sent, (Answer(), Answer()))
    refused = Answer(code="42703", message='column "name" does not exist')

    (breach,) = compat.judge(known, BEFORE, (refused, refused))

    assert breach.subject == "items.name"
    assert "`SELECT name FROM items` does not work any more" in breach.message
    assert "one more statement" in breach.message


def test_statement_that_gives_less_or_wants_another_type_is_told() -> None:
    """A wider one is none."""
    sent = (Sent(sql="SELECT name FROM items WHERE id = $1"),)
    was = Answer(takes=("integer",), gives=("name text",))
    known = compat.baseline(BEFORE, MODELS, sent, (was,))

    assert compat.judge(known, BEFORE, (replace(was, takes=("bigint",)),)) == ()
    assert "text for uuid" not in compat.judge(known, BEFORE, (replace(was, takes=("uuid",)),))[0].message
    assert "integer for uuid" in compat.judge(known, BEFORE, (replace(was, takes=("uuid",)),))[0].message
    assert "name as nothing" in compat.judge(known, BEFORE, (replace(was, gives=()),))[0].message


def test_row_that_is_there_by_now_is_not_the_schemas_fault() -> None:
    """The rule was there before, and is the same."""
    sent = (replace(INSERT, values=()),)
    known = compat.baseline(BEFORE, MODELS, sent, (Answer(ran=True),))
    refused = Answer(code="23514", message="no", rule="valid", ran=True)

    assert compat.judge(known, BEFORE, (refused,)) == ()
    assert compat.judge(known, BEFORE, (replace(refused, rule="new"),)) != ()


@pytest.mark.parametrize(
    ("old", "new", "is_so"),
    [
        ("integer", "bigint", True),
        ("bigint", "integer", False),
        ("character varying(20)", "character varying(40)", True),
        ("character varying(40)", "character varying(20)", False),
        ("character varying(20)", "text", True),
        ("text", "character varying(20)", False),
        ("numeric(10,2)", "numeric(12,2)", True),
        ("numeric(10,2)", "numeric(10,4)", False),
        ("timestamp(3) with time zone", "timestamp(6) with time zone", True),
        ("timestamp with time zone", "timestamp without time zone", False),
        ("integer[]", "bigint[]", True),
        ("text[]", "text", False),
        ("character(3)", "character(5)", False),
        ("uuid", "text", False),
    ],
)
def test_type_is_wider_where_every_value_still_fits(old: str, new: str, is_so: bool) -> None:
    """And is read as before."""
    assert is_wider(old, new) is is_so


EXCUSE = Excuse(what="items.name", revision="0002", reason="unused", who="the owner", expires="2026-11-21")
GONE = Breach(subject="items.name", message="items.name is gone")
DAY = date(2026, 11, 21)


def test_exception_counts_for_its_revision_until_its_last_day() -> None:
    """Included."""
    pardon = compat.pardon([GONE], [EXCUSE], revisions=["0002"], today=DAY)

    assert (pardon.held, pardon.expired, pardon.unused) == ((), (), ())
    assert "unused" in pardon.excused[0]


def test_exception_that_has_run_out_is_loud() -> None:
    """The breach counts, and the exception is named."""
    pardon = compat.pardon([GONE], [EXCUSE], revisions=["0002"], today=date(2026, 11, 22))

    assert pardon.held == (GONE,)
    assert "ended on 2026-11-21" in pardon.expired[0]


def test_exception_for_another_revision_or_for_nothing_is_advice() -> None:
    """It excuses nothing."""
    other = compat.pardon([GONE], [EXCUSE], revisions=["0003"], today=DAY)
    idle = compat.pardon([], [EXCUSE], revisions=["0002"], today=DAY)

    assert other.held == (GONE,)
    assert "not pending" in other.unused[0]
    assert "nothing of revision 0002 needs" in idle.unused[0]


def test_exception_for_a_table_is_about_its_columns_too() -> None:
    """And a star stands for anything."""
    for what in ("items", "items.*", "it*"):
        assert compat.pardon([GONE], [replace(EXCUSE, what=what)], revisions=["0002"], today=DAY).held == ()
