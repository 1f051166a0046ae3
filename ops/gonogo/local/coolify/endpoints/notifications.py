"""The team's webhook: how it is set up."""

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint
from gonogo.local.coolify.notifying import DEFAULTS

_PATH = "/notifications/webhook"


async def shown(call: Call) -> Response:
    """Return how the webhook is set up; its address is for whoever sees sensitive fields."""
    settings = {**DEFAULTS, **call.store.webhook}
    if not call.sensitive:
        settings.pop("webhook_url")
    return answers.ok(settings)


async def change(call: Call) -> Response:
    """Change how the webhook is set up."""
    body = await call.body()
    errors = {key: ["This field is not allowed."] for key in body if key not in DEFAULTS}
    flags = {key: value for key, value in body.items() if key in DEFAULTS and key != "webhook_url"}
    errors |= {
        key: [f"The {key} field must be true or false."] for key, on in flags.items() if not isinstance(on, bool)
    }
    if errors:
        return answers.invalid(errors)
    call.store.change_webhook(body)
    return await shown(call)


ENDPOINTS = (
    Endpoint(method="GET", path=_PATH, ability="read", handler=shown),
    Endpoint(method="PATCH", path=_PATH, ability="write", handler=change),
)
