"""Every route has a guard or is listed as open, and the contracts are stable."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.api import guards, main
from backend.core.errors import UnguardedRouteError
from backend.tests.unit.settings import make_environment


@pytest.fixture
def app() -> FastAPI:
    """Return the real application, which has connected to nothing."""
    return main.create_app(make_environment())


class TestGuards:
    """No route is open by accident."""

    def test_every_route_is_guarded(self, app: FastAPI) -> None:
        """A walk over all routes finds a guard on each that is not listed as open."""
        assert guards.unguarded(app) == []

    def test_hole_is_found(self, app: FastAPI) -> None:
        """A route without a guard is named, and the application is refused."""

        async def hole() -> None:
            """Be open."""

        app.add_api_route("/v1/hole", hole)

        with pytest.raises(UnguardedRouteError, match="/v1/hole"):
            guards.demand_guards(app)

    def test_open_paths_exist(self, app: FastAPI) -> None:
        """The list of open paths holds no path that is gone."""
        paths = {str(route.path) for route in iter_route_contexts(app.routes)}

        assert paths >= guards.OPEN_PATHS


class TestDocuments:
    """What callers may rely on."""

    def test_paths_are_those_promised(self, app: FastAPI) -> None:
        """The public paths are these."""
        assert set(app.openapi()["paths"]) == {
            "/health/live",
            "/health/ready",
            "/health/workers",
            "/health/secrets",
            "/metrics",
            "/v1/capture/thought",
            "/v1/thoughts",
            "/v1/thoughts/{thought_id}",
            "/v1/me",
            "/v1/tasks",
            "/v1/tasks/{task_id}",
            "/v1/tasks/{task_id}/complete",
            "/v1/tasks/{task_id}/reopen",
            "/v1/query/ask",
            "/v1/plan/refresh",
            "/v1/plan/get_today",
            "/v1/jobs",
            "/v1/jobs/canary",
            "/v1/jobs/{job_id}",
            "/v1/jobs/{job_id}/cancel",
            "/v1/jobs/{job_id}/retry",
            "/v1/integrations/telegram/webhook",
            "/v1/integrations/telegram/link",
            "/v1/integrations/telegram/status",
            "/v1/tokens",
            "/v1/tokens/{token_id}",
            "/v1/sync/todoist",
            "/v1/sync/todoist/reconcile",
            "/v1/sync/todoist/status",
        }

    def test_unknown_attribute_is_no_app(self) -> None:
        """Only `app` is made on demand."""
        with pytest.raises(AttributeError, match="application"):
            _ = main.application
