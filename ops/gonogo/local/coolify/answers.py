"""The answers that several endpoints share, with Coolify's exact words."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

DOCS = "https://coolify.io/docs"
QUEUE_FULL = "Deployment queue is full. Please wait for existing deployments to complete."


def ok(data: Any, status: int = 200) -> Response:  # JSON
    """Return data as JSON."""
    return JSONResponse(data, status)


def message(status: int, text: str, **more: Any) -> Response:  # JSON
    """Return the usual object with a message."""
    return JSONResponse({"message": text, **more}, status)


def no_such_endpoint() -> Response:
    """Return what an endpoint that does not exist answers, to everybody."""
    return message(404, "Not found.", docs=DOCS)


def changed_to_post() -> Response:
    """Return what a GET on a changing endpoint answers."""
    answer = message(405, "This endpoint has changed to a POST request.")
    answer.headers["Allow"] = "POST"
    return answer


def invalid(errors: Mapping[str, Any]) -> Response:
    """Return a handler's own validation error."""
    return message(422, "Validation failed.", errors=dict(errors))


def framework_invalid(request: Request, errors: Mapping[str, str]) -> Response:
    """Return the framework's validation error: a redirect for whoever does not accept JSON first."""
    if not wants_json(request):
        return RedirectResponse("/", 302)
    first = next(iter(errors.values()))
    return message(422, first, errors={key: [text] for key, text in errors.items()})


def throttled(request: Request, headers: Mapping[str, str]) -> Response:
    """Return the per-minute limit's answer: a page for whoever does not accept JSON first."""
    if not wants_json(request):
        return HTMLResponse("<!DOCTYPE html><title>Too Many Requests</title>", 429, dict(headers))
    return JSONResponse({"message": "Too Many Attempts."}, 429, dict(headers))


def server_error(request: Request) -> Response:
    """Return what an uncaught exception answers."""
    if not wants_json(request):
        return HTMLResponse("<!DOCTYPE html><title>Server Error</title>", 500)
    return message(500, "Server Error")


def wants_json(request: Request) -> bool:
    """Return whether the first accepted type is JSON."""
    first = request.headers.get("accept", "*/*").split(",")[0].split(";")[0].strip()
    return first.endswith(("/json", "+json"))
