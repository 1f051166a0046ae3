"""A schema read from its catalog, asked with statements, expected by models, named by SQL in code."""

import sys
from pathlib import Path

import pytest

from gonogo.adapters import schemas
from gonogo.model.schemas import ModelColumn, Sent
from tests.compat.conftest import Shop

ENV = """
import asyncio
from alembic import context
from models import metadata
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("postgresql+asyncpg://app:secret@production.invalid/app")
    async with engine.connect() as connection:
        await connection.run_sync(lambda it: context.configure(connection=it, target_metadata=metadata))

if context.is_offline_mode():
    raise RuntimeError("no offline mode here")
asyncio.run(main())
"""


def test_catalog_says_what_an_elder_relies_on(shop: Shop) -> None:
    """Columns with what fills them, rules, revisions."""
    shop.sql("CREATE TYPE mood AS ENUM ('good', 'bad')", "ALTER TABLE items ADD CHECK (size <> '')")

    catalog = schemas.read(shop.url)

    items = catalog.relations["items"]
    assert items.columns["name"].type == "character varying(20)"
    assert items.columns["id"].identity == "d"
    assert items.columns["size"].default == "'small'::text"
    assert items.uniques[0].columns == ("id",)
    assert [each.columns for each in items.constraints.values() if each.kind == "c"] == [("size",)]
    assert catalog.enums == {"mood": ("good", "bad")}
    assert catalog.revisions == ("0001",)


def test_models_are_asked_through_the_projects_own_env(shop: Shop) -> None:
    """What they fill themselves is theirs, what the database fills is not."""
    models = schemas.expected(
        (sys.executable, "-m", "alembic"), root=shop.checkout.path, database=shop.url, environ={"PYTHONPATH": ""}
    )

    assert models.problem == ""
    assert models.tables["items"]["note"] == ModelColumn(nullable=True)
    assert models.tables["items"]["size"] == ModelColumn(nullable=False, fills_itself=True)


def test_models_of_an_env_that_connects_first_are_asked_on_the_copy(shop: Shop) -> None:
    """Whatever address it knows: nothing else is contacted."""
    (shop.checkout.path / "migrations" / "env.py").write_text(ENV, encoding="utf-8")

    models = schemas.expected((sys.executable, "-m", "alembic"), root=shop.checkout.path, database=shop.url)

    assert models.problem == ""
    assert "items" in models.tables


def test_models_that_cannot_be_asked_are_said_to_be_unknown(shop: Shop) -> None:
    """With the reason; nothing is raised."""
    (shop.checkout.path / "models.py").write_text("raise RuntimeError('broken')", encoding="utf-8")

    models = schemas.expected((sys.executable, "-m", "alembic"), root=shop.checkout.path, database=shop.url)

    assert models.tables == {}
    assert "broken" in models.problem


def test_sql_in_code_is_found_with_its_values_numbered(tmp_path: Path) -> None:
    """However they are written; what is put together while it runs is left out."""
    code = """
LATELY = "SELECT id FROM items WHERE at > :since AND at < :until AND kind::text = :kind AND at <> :since"
OTHER = "UPDATE items SET name = %(name)s WHERE id = %(id)s"
WORDS = "select one from the menu"
MADE = f"SELECT {name} FROM items"
"""
    (tmp_path / "app.py").write_text(code, encoding="utf-8")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "one.py").write_text('A = "DELETE FROM items"', encoding="utf-8")

    found = [each.sql for each in schemas.literals(tmp_path)]

    assert found[:2] == [
        "SELECT id FROM items WHERE at > $1 AND at < $2 AND kind::text = $3 AND at <> $1",
        "UPDATE items SET name = $1 WHERE id = $2",
    ]
    assert not any("{" in each or "DELETE" in each for each in found)


@pytest.mark.parametrize(
    "words", ["SET lock_timeout = 0", "LISTEN jobs", "SELECT pg_advisory_lock(1)", "DROP TABLE items"]
)
def test_statement_that_cannot_be_taken_back_is_not_tried(shop: Shop, words: str) -> None:
    """It says nothing about the schema, and would stay."""
    assert schemas.answers(shop.url, [Sent(sql=words, values=())]) == (None,)


def test_asking_changes_nothing(shop: Shop) -> None:
    """What is run is rolled back, and seen by what comes after it."""
    asked = [
        Sent(sql="INSERT INTO tokens (token) VALUES ('one')", values=()),
        Sent(sql="INSERT INTO tokens (token) VALUES ('one')", values=()),
    ]

    codes = [answer.code if answer else None for answer in schemas.answers(shop.url, asked)]
    again = [answer.code if answer else None for answer in schemas.answers(shop.url, asked)]

    assert codes == again == ["", "23505"]


def test_conflict_that_no_index_decides_is_refused_although_it_parses(shop: Shop) -> None:
    """Only planning finds it."""
    sent = [Sent(sql="INSERT INTO tokens (token) VALUES ($1) ON CONFLICT (token) DO NOTHING")]
    shop.sql("ALTER TABLE tokens DROP CONSTRAINT tokens_pkey")

    (answer,) = schemas.answers(shop.url, sent)

    assert answer is not None
    assert answer.code == "42P10"
