"""SECURITY DEFINER and who may call."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
            "REVOKE EXECUTE ON FUNCTION public.other() FROM PUBLIC",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
            "REVOKE ALL ON FUNCTION public.f(bigint, text) FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION public.f(bigint, text) TO PUBLIC",
        ),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "definer-public" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
            "REVOKE EXECUTE ON FUNCTION public.f(bigint, text) FROM PUBLIC",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
            "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
        ),
        (
            "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS trigger LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql  SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
        ),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "definer-public" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "REVOKE EXECUTE ON FUNCTION public.f(bigint, text) FROM PUBLIC;" in fixes(
        "definer-public",
        "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT 1 $$",
    )
