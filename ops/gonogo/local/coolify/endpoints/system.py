"""Health and version: text, not JSON."""

from starlette.responses import HTMLResponse, Response

from gonogo.local.coolify.calls import Call, Endpoint


async def version(call: Call) -> Response:
    """Return the server's version."""
    return HTMLResponse(call.store.server.version)


def health() -> Response:
    """Return that the web server runs; it says nothing about anything else."""
    return HTMLResponse("OK")


ENDPOINTS = (Endpoint(method="GET", path="/version", ability="read", handler=version),)
