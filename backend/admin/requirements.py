"""Which variables the API and the worker need, and which of them are secret: told by the class that reads them."""

from typing import Any, get_args

from pydantic import SecretStr

from backend.core.environment import Environment

SERVICES = ("api", "worker")
# What the class demands beside another variable; a test holds these against the class.
TOGETHER = {"TODOIST_API_TOKEN": ["TODOIST_OWNER_EMAIL"], "TELEGRAM_BOT_TOKEN": ["TELEGRAM_WEBHOOK_SECRETS"]}

Needs = dict[str, list[str] | dict[str, list[str]]]


def needs() -> dict[str, Needs]:
    """Return by service which variables must be set, which must be when another one is, and which hold a secret."""
    required = sorted(name.upper() for name, each in Environment.model_fields.items() if each.is_required())
    secret = sorted(name.upper() for name, each in Environment.model_fields.items() if _is_secret(each))
    return {service: {"required": required, "together": TOGETHER, "secrets": secret} for service in SERVICES}


def _is_secret(field: Any) -> bool:
    """Return whether a field holds a secret, or may; some kinds of it are named within others."""
    annotation = getattr(field, "annotation", field)
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))
