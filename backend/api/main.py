"""Start the API: python -m uvicorn backend.api.main:app."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from backend.api import guards, health, metrics, problems
from backend.api.body_limit import LimitBody
from backend.api.metrics import MeasureRequests, Metrics
from backend.core import logging
from backend.core.build import BUILD_FILE, Build, read_build
from backend.core.environment import Environment, load_or_exit
from backend.db.engine import engine_for
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.features.capture.routes import router as capture_router
from backend.features.jobs.routes import router as jobs_router
from backend.jobs.dispatch import Dispatcher
from backend.jobs.transport import Transport
from backend.web.services import Services

ROUTERS = (health.router, metrics.router, capture_router, jobs_router)
_Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, object]]]
_logger = logging.get_logger(__name__)


def create_app(environment: Environment) -> FastAPI:
    """Return the application; it connects to nothing until it serves.

    Args:
        environment: The settings.

    Raises:
        UnguardedRouteError: A route has no guard.
    """
    build = read_build(BUILD_FILE, environment.source_commit)
    app = FastAPI(
        title="Assistant",
        version=build.version,
        redoc_url=None,
        lifespan=_lifespan(environment, build),
    )
    app.state.metrics = Metrics(build)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(LimitBody)
    app.add_middleware(MeasureRequests, metrics=app.state.metrics)
    guards.demand_guards(app)
    return app


def _lifespan(environment: Environment, build: Build) -> _Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Mapping[str, object]]:
        services = _services(environment, build)
        warning = asyncio.create_task(health.warn_about_schema(services))
        _logger.info("api.started", version=build.version, environment=environment.environment)
        try:
            yield {"services": services}
        finally:
            warning.cancel()
            await services.dispatcher.drain()
            await services.transport.close()
            await services.database.close()
            _logger.info("api.stopped", version=build.version)

    return lifespan


def _services(environment: Environment, build: Build) -> Services:
    transport = Transport(environment.redis_url.get_secret_value(), queue_name=environment.queue_name)
    return Services(
        build=build,
        revisions=read_revisions(),
        database=Database(engine_for(environment, application_name=f"api {build.version}")),
        transport=transport,
        dispatcher=Dispatcher(transport),
    )


def __getattr__(name: str) -> FastAPI:
    # `app` is made when the server asks for it, so that importing this module needs no settings.
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    environment = load_or_exit(Environment)
    logging.configure(environment)
    return create_app(environment)
