"""SECURITY DEFINER and where names are looked for."""

import pytest

from gonogo.model import Statement
from tests.lint.samples import blocked, fixes


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER  AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT id FROM users $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT 'x'::uuid; SELECT 1 $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ DECLARE u uuid; BEGIN RETURN 1; END $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN UPDATE users SET age = 1; RETURN 1; END $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN EXECUTE 'SELECT 1'; END $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN IF a > 1 THEN DELETE FROM users WHERE id = a; END IF; RETURN a; END $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE c SECURITY DEFINER SET search_path = '' AS $$ lib $$",
        ),
    ],
)
def test_it_stops(statements: tuple[str | Statement, ...]) -> None:
    """What would hurt."""
    assert "definer-search-path" in blocked(*statements)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM public.users $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT count(*) FROM public.users u JOIN public.orders o ON o.user_id = u.id $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ WITH x AS (SELECT id FROM public.users) SELECT max(id)::bigint FROM x $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ DECLARE n bigint; t pg_catalog.text; BEGIN SELECT count(*) INTO n FROM public.users; RETURN n; END $$",
        ),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$ BEGIN IF a > 1 THEN DELETE FROM public.users WHERE id = a; END IF; RETURN a; END $$",
        ),
        ("CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql   AS $$ SELECT 1 $$",),
        (
            "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER  AS $$ SELECT 1 $$",
            "ALTER FUNCTION public.f(bigint, text) SET search_path = pg_catalog, pg_temp",
        ),
        (
            "CREATE FUNCTION public.g() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path TO '' BEGIN ATOMIC SELECT count(*) FROM users; END",
        ),
    ],
)
def test_it_lets_pass(statements: tuple[str | Statement, ...]) -> None:
    """What would not."""
    assert "definer-search-path" not in blocked(*statements)


def test_it_writes_the_safe_migration_out() -> None:
    """With the same names."""
    assert "ALTER FUNCTION public.f(bigint, text) SET search_path = pg_catalog, pg_temp;" in fixes(
        "definer-search-path",
        "CREATE FUNCTION public.f(a bigint, b text DEFAULT 'x') RETURNS bigint LANGUAGE sql SECURITY DEFINER  AS $$ SELECT 1 $$",
    )
