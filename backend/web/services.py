"""The services behind a request, as one named dependency."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.core.build import Build
from backend.db.revisions import Revisions
from backend.db.unit_of_work import Database
from backend.jobs.dispatch import Dispatcher
from backend.jobs.transport import Transport


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the running API holds.

    Attributes:
        build: What it was built from.
        revisions: The schema revisions that it ships.
        database: The way to Postgres.
        transport: The way to Redis.
        dispatcher: Tells workers of committed jobs.
    """

    build: Build
    revisions: Revisions
    database: Database
    transport: Transport
    dispatcher: Dispatcher


async def get_services(request: Request) -> Services:
    """Return what the application's start has put there.

    Args:
        request: The request.
    """
    services: Services = request.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]
