"""Which guards there are and which paths are open; refuses an app with a hole."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from backend.core.errors import UnguardedRouteError
from backend.web.guards import (
    get_current_user,
    verify_job_ownership,
    verify_task_ownership,
    verify_thought_ownership,
    verify_token_ownership,
    verify_twin_ownership,
)

GUARDS = frozenset(
    {
        get_current_user,
        verify_job_ownership,
        verify_task_ownership,
        verify_thought_ownership,
        verify_token_ownership,
        verify_twin_ownership,
    }
)
OPEN_PATHS = frozenset(
    {
        "/health/live",
        "/health/ready",
        "/health/workers",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/docs/oauth2-redirect",
        # Telegram shows a secret of its own.
        "/v1/integrations/telegram/webhook",
    }
)


def unguarded(app: FastAPI) -> list[str]:
    """Return the paths of routes that anybody may use, other than the open ones, sorted.

    Args:
        app: An application with all its routes.
    """
    return sorted(set(_unguarded(app)))


def demand_guards(app: FastAPI) -> None:
    """Refuse an application in which a route has no guard.

    Args:
        app: An application with all its routes.

    Raises:
        UnguardedRouteError: Names the routes.
    """
    if paths := unguarded(app):
        msg = f"no guard on {', '.join(paths)}; take one from backend.web.guards, or list it in OPEN_PATHS"
        raise UnguardedRouteError(msg)


def _unguarded(app: FastAPI) -> Iterator[str]:
    for route in iter_route_contexts(app.routes):
        path = str(route.path)
        dependant: Dependant | None = getattr(route, "dependant", None)
        if path not in OPEN_PATHS and (dependant is None or not _has_guard(dependant)):
            yield path


def _has_guard(dependant: Dependant) -> bool:
    return dependant.call in GUARDS or any(_has_guard(each) for each in dependant.dependencies)
