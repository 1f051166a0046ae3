"""A local stack's own part of gonogo.toml: its services, their variables, and what it provides to an environment."""

import re
from collections.abc import Mapping
from typing import Any

from gonogo.config.document import Problems, table_of, words_of

_KEYS = {"broken", "services", "environment", "issue_token"}
# What a local stack provides, by the variable that the key would name elsewhere.
STACK_VARIABLES = {
    "coolify_url": "COOLIFY_URL",
    "coolify_token": "COOLIFY_TOKEN",
    "api_uuid": "COOLIFY_API_UUID",
    "worker_uuid": "COOLIFY_WORKER_UUID",
    "api_url": "API_URL",
    "api_token": "API_TOKEN",
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "scratch_url": "SCRATCH_DATABASE_URL",
}
# What a local stack fills in when it starts: the addresses of the providers' stand-ins, and a secret.
STACK_PLACEHOLDERS = ("xai", "todoist", "telegram", "random")


def parts(document: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return what a local stack is made of."""
    stack = table_of(document, "stack", problems, keys=_KEYS)
    broken = table_of(stack, "stack.broken", problems)
    return {
        "stack_services": {
            name: words_of(command, f"stack.services.{name}", problems)
            for name, command in table_of(stack, "stack.services", problems).items()
        },
        "stack_environment": _variables(stack, "stack.environment", problems),
        "stack_broken": {fault: _variables(broken, f"stack.broken.{fault}", problems) for fault in broken},
        "stack_issue_token": words_of(stack.get("issue_token", []), "stack.issue_token", problems),
    }


def _variables(table: Mapping[str, Any], key: str, problems: Problems) -> dict[str, str]:
    """Return the variables of a stack's services, whose placeholders are known."""
    found = {name: str(value) for name, value in table_of(table, key, problems).items()}
    for name, value in found.items():
        for unknown in sorted(set(re.findall(r"\{(\w+)\}", value)) - set(STACK_PLACEHOLDERS)):
            known = ", ".join(f"{{{each}}}" for each in STACK_PLACEHOLDERS)
            problems.add(f"{key}.{name} names {{{unknown}}}; known are {known}")
    return found
