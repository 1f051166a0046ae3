"""A default that is worked out for each row."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN u uuid DEFAULT gen_random_uuid()",),
        ("ALTER TABLE users ADD COLUMN u uuid NOT NULL DEFAULT public.uuid_generate_v4()",),
        ("ALTER TABLE users ADD COLUMN t timestamptz DEFAULT clock_timestamp()",),
        ("ALTER TABLE users ADD COLUMN n int DEFAULT nextval('s'::regclass)",),
        ("ALTER TABLE users ADD COLUMN n text DEFAULT md5(random()::text)",),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "volatile-default" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ADD COLUMN t timestamptz DEFAULT now() NOT NULL",),
        ("ALTER TABLE users ADD COLUMN t timestamptz DEFAULT CURRENT_TIMESTAMP",),
        ("ALTER TABLE users ADD COLUMN j jsonb NOT NULL DEFAULT '{}'::jsonb",),
        ("ALTER TABLE users ADD COLUMN a text[] DEFAULT ARRAY[]::text[]",),
        ("ALTER TABLE users ADD COLUMN n numeric(10, 2) DEFAULT 0.00",),
        ("ALTER TABLE users ADD COLUMN s text DEFAULT 'random()'",),
        ("ALTER TABLE users ADD COLUMN t timestamp DEFAULT timezone('utc', now())",),
        ("CREATE TABLE n (id int)", "ALTER TABLE n ADD COLUMN u uuid DEFAULT gen_random_uuid()"),
        ("ALTER TABLE users ALTER COLUMN age SET DEFAULT random()",),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "volatile-default" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ALTER COLUMN u SET DEFAULT gen_random_uuid();" in fixes(
        "volatile-default", "ALTER TABLE users ADD COLUMN u uuid DEFAULT gen_random_uuid()"
    )
