"""Start the API: python -m uvicorn backend.api.main:app."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from backend.api import guards, health, metrics, problems
from backend.api.body_limit import LimitBody
from backend.api.metrics import MeasureRequests, Metrics
from backend.api.rate_limit import LimitRate, RateLimiter
from backend.core import logging
from backend.core.build import BUILD_FILE, Build, read_build
from backend.core.environment import Environment, load_or_exit
from backend.core.fingerprint import fingerprint_of, secrets_of
from backend.db.engine import engine_for
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.features.capture.routes import router as capture_router
from backend.features.jobs.routes import router as jobs_router
from backend.features.me.routes import router as me_router
from backend.features.plan.routes import router as plan_router
from backend.features.query.routes import router as query_router
from backend.features.tasks.routes import router as tasks_router
from backend.features.telegram.routes import router as telegram_router
from backend.features.todoist.routes import router as todoist_router
from backend.features.tokens.routes import router as tokens_router
from backend.jobs.dispatch import Dispatcher
from backend.jobs.transport import Transport
from backend.providers.llm.counts import AssistantCounts
from backend.providers.llm.create import create_assistant
from backend.providers.telegram.door import open_door
from backend.web.services import Services

ROUTERS = (
    health.router,
    metrics.router,
    capture_router,
    jobs_router,
    me_router,
    plan_router,
    query_router,
    tasks_router,
    telegram_router,
    todoist_router,
    tokens_router,
)
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
    counts = Metrics(build)
    limiter = RateLimiter(environment, counts.registry)
    services = _services(environment, build, registry=counts.registry)
    app = FastAPI(
        title="Assistant",
        version=build.version,
        redoc_url=None,
        lifespan=_lifespan(environment, services, limiter=limiter),
    )
    app.state.metrics = counts
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(LimitBody)
    app.add_middleware(LimitRate, limiter=limiter)
    app.add_middleware(MeasureRequests, metrics=counts)
    guards.demand_guards(app)
    return app


def _lifespan(environment: Environment, services: Services, *, limiter: RateLimiter) -> _Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Mapping[str, object]]:
        warning = asyncio.create_task(health.warn_about_schema(services))
        version = services.build.version
        _logger.info("api.started", version=version, environment=environment.environment)
        try:
            yield {"services": services}
        finally:
            warning.cancel()
            await services.close()
            await limiter.close()
            _logger.info("api.stopped", version=version)

    return lifespan


def _services(environment: Environment, build: Build, *, registry: CollectorRegistry) -> Services:
    database = Database(engine_for(environment, application_name=f"api {build.version}"))
    transport = Transport(environment.redis_url.get_secret_value(), queue_name=environment.queue_name)
    counts = AssistantCounts(registry, model=environment.xai_model)
    return Services(
        build=build,
        environment=environment.environment,
        revisions=read_revisions(),
        database=database,
        transport=transport,
        dispatcher=Dispatcher(transport),
        assistant=create_assistant(environment, database, counts=counts),
        assistant_deadline=timedelta(seconds=environment.assistant_deadline_seconds),
        telegram=open_door(environment, registry),
        todoist_owner_email=environment.todoist_owner_email if environment.todoist_api_token else None,
        fingerprint=fingerprint_of(environment),
        secrets=secrets_of(environment),
    )


def __getattr__(name: str) -> FastAPI:
    # `app` is made when the server asks for it, so that importing this module needs no settings.
    if name != "app":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    environment = load_or_exit(Environment)
    logging.configure(environment)
    return create_app(environment)
