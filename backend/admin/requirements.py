"""Which variables the API and the worker do not start without, told by the class that reads them."""

from backend.core.environment import Environment

SERVICES = ("api", "worker")
# What the class demands beside another variable; a test holds these against the class.
TOGETHER = {"TODOIST_API_TOKEN": ["TODOIST_OWNER_EMAIL"], "TELEGRAM_BOT_TOKEN": ["TELEGRAM_WEBHOOK_SECRETS"]}

Needs = dict[str, list[str] | dict[str, list[str]]]


def needs() -> dict[str, Needs]:
    """Return by service which variables must be set, and which must be when another one is."""
    required = sorted(name.upper() for name, each in Environment.model_fields.items() if each.is_required())
    return {service: {"required": required, "together": TOGETHER} for service in SERVICES}
