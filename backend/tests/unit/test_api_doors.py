"""Every route has a guard or is listed as open, and the contracts are stable."""

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.api import guards, main
from backend.api.schemas import CONTRACTS
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
            "/metrics",
            "/v1/capture/thought",
            "/v1/thoughts/{thought_id}",
            "/v1/jobs",
            "/v1/jobs/canary",
            "/v1/jobs/{job_id}",
            "/v1/jobs/{job_id}/cancel",
            "/v1/jobs/{job_id}/retry",
        }

    @pytest.mark.contracts
    def test_capture_v1_is_stable(self) -> None:
        """The fields of capture.v1 are these; another set needs another version."""
        fields = set(CONTRACTS["capture.v1"].model_fields)

        assert fields == {"contract", "thought_id", "job_id", "created_at", "source"}

    def test_unknown_attribute_is_no_app(self) -> None:
        """Only `app` is made on demand."""
        with pytest.raises(AttributeError, match="application"):
            _ = main.application
