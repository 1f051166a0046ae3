"""Connections: one address for the asynchronous and the synchronous driver."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from backend.core.environment import Environment

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5


def asyncpg_url(database_url: str) -> URL:
    """Return the address for asyncpg.

    Args:
        database_url: A plain postgresql:// URL, over TCP or a unix socket.
    """
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    # libpq's word for an address that is not the name which a certificate is checked against; asyncpg has none.
    if address := url.query.get("hostaddr"):
        url = url.set(host=str(address)).difference_update_query(["hostaddr"])
    mode = url.query.get("sslmode")
    if mode is None:
        return url
    # asyncpg has the same modes under another name, and refuses names that it does not know.
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def psycopg_url(database_url: str) -> URL:
    """Return the address for psycopg 3.

    Args:
        database_url: A plain postgresql:// URL, over TCP or a unix socket.
    """
    return make_url(database_url).set(drivername="postgresql+psycopg")


def create_engine(
    database_url: str, *, pool_size: int, application_name: str, session: Mapping[str, str] = MappingProxyType({})
) -> AsyncEngine:
    """Return an engine that connects when it is first used, not before.

    Args:
        database_url: A plain postgresql:// URL.
        pool_size: Connections to hold; there is no overflow.
        application_name: What the server shows in pg_stat_activity.
        session: Settings of PostgreSQL for each connection.
    """
    settings = {"application_name": application_name, **session}
    engine = create_async_engine(
        asyncpg_url(database_url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_TIMEOUT_S, "server_settings": settings},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(adapted: Any, _record: object, _proxy: object) -> None:
    # The driver knows without a round trip that the server has hung up; the pool then opens another one.
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


def engine_for(environment: Environment, *, application_name: str) -> AsyncEngine:
    """Return the engine that the settings describe.

    Args:
        environment: Names the database and the size of the pool.
        application_name: What the server shows in pg_stat_activity.
    """
    return create_engine(
        environment.database_url.get_secret_value(),
        pool_size=environment.database_pool_size,
        application_name=application_name,
    )
