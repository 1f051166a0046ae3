"""Metrics: requests by route, method and status, in the Prometheus format."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.build import Build
from backend.core.clock import monotonic_s

router = APIRouter(tags=["metrics"])
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What one application counts."""

    def __init__(self, build: Build) -> None:
        """Begin to count.

        Args:
            build: What the process was built from.
        """
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "http_requests_total", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "http_request_seconds", "Time to answer", ("route",), buckets=_BUCKETS_S, registry=self.registry
        )
        info = Gauge("build_info", "Always 1; the labels say what runs", ("version", "commit"), registry=self.registry)
        info.labels(build.version, build.commit).set(1)

    def observe(self, scope: Scope, *, status: int, seconds: float) -> None:
        """Count one answer.

        Args:
            scope: The request, after it was routed.
            status: The HTTP status.
            seconds: How long it took.
        """
        route = getattr(scope.get("route"), "path", "unmatched")
        self._requests.labels(scope["method"], route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class MeasureRequests:
    """Middleware: counts and times every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Keep what comes next.

        Args:
            app: The application.
            metrics: Where to count.
        """
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection.

        Args:
            scope: What it is about.
            receive: Where its messages come from.
            send: Where the answer goes.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started_s = monotonic_s()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._metrics.observe(scope, status=status, seconds=monotonic_s() - started_s)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Show the counts."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
