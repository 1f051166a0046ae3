"""A default is dropped."""

import pytest

from tests.lint.samples import blocked, fixes, found, migration


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN id DROP DEFAULT",),
        ("ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'a'", "ALTER TABLE users ALTER kind DROP DEFAULT"),
        ("ALTER TABLE public.users ALTER age SET NOT NULL", "ALTER TABLE users ALTER age DROP DEFAULT"),
    ],
)
def test_it_stops(statements: tuple[str, ...]) -> None:
    """What would hurt."""
    assert "drop-default" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        ("ALTER TABLE users ALTER COLUMN age DROP DEFAULT",),
        ("CREATE TABLE n (a int NOT NULL DEFAULT 1)", "ALTER TABLE n ALTER a DROP DEFAULT"),
        ("ALTER TABLE users ALTER COLUMN id SET DEFAULT 1",),
        ("ALTER TABLE users ALTER id DROP NOT NULL", "ALTER TABLE users ALTER COLUMN id DROP DEFAULT"),
    ],
)
def test_it_lets_pass(statements: tuple[str, ...]) -> None:
    """What would not."""
    assert "drop-default" not in blocked(*statements)


def test_it_is_advice_where_the_column_may_be_empty_and_in_a_contract() -> None:
    """Taking away is what a contract is for."""
    optional = found(migration("ALTER TABLE users ALTER COLUMN age DROP DEFAULT"))

    assert "drop-default" in {each.reference for each in optional}
    assert "drop-default" not in blocked("ALTER TABLE users ALTER id DROP DEFAULT", source='kind = "contract"\n')


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER TABLE users ALTER COLUMN id DROP DEFAULT;" in fixes(
        "drop-default", "ALTER TABLE users ALTER id DROP DEFAULT"
    )
