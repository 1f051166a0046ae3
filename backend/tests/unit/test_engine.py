"""One address serves both drivers, over TCP and over a unix socket."""

import pytest

from backend.db.engine import asyncpg_url, psycopg_url

SOCKET = "postgresql://postgres:@/app?host=/run/pg"


class TestUrls:
    """The plain address becomes each driver's own."""

    @pytest.mark.parametrize(
        ("plain", "asyncpg"),
        [
            ("postgresql://a:b@db:5433/app", "postgresql+asyncpg://a:b@db:5433/app"),
            ("postgres://a:b@db/app", "postgresql+asyncpg://a:b@db/app"),
            ("postgresql://a:b@db/app?sslmode=require", "postgresql+asyncpg://a:b@db/app?ssl=require"),
            ("postgresql://a:b@db:1/app?hostaddr=127.0.0.1", "postgresql+asyncpg://a:b@127.0.0.1:1/app"),
        ],
        ids=["tcp", "short scheme", "tls", "another address"],
    )
    def test_asyncpg(self, plain: str, asyncpg: str) -> None:
        """The scheme names the driver, and TLS goes by the driver's own word."""
        assert asyncpg_url(plain).render_as_string(hide_password=False) == asyncpg

    def test_socket_stays(self) -> None:
        """A unix socket's directory is kept for both."""
        assert asyncpg_url(SOCKET).query["host"] == "/run/pg"
        assert psycopg_url(SOCKET).query["host"] == "/run/pg"

    def test_psycopg_keeps_sslmode(self) -> None:
        """Psycopg takes the plain address as it is."""
        assert psycopg_url("postgresql://a:b@db/app?sslmode=require").query["sslmode"] == "require"
