"""An environment's values: written down, or named as $VARIABLE and filled in; a secret is only ever named."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from gonogo.config.document import FILE, Problems

# A target's values: whether each one is a secret.
VALUES = {
    "coolify_url": False,
    "coolify_token": True,
    "api_uuid": False,
    "worker_uuid": False,
    "api_url": False,
    "api_token": True,
    "database_url": True,
    "redis_url": True,
    "scratch_url": True,
}
# What only a bot needs: whether each one is a secret, and the variable that a local stack provides it by.
TELEGRAM = {
    "telegram_token": (True, "TELEGRAM_BOT_TOKEN"),
    "telegram_secret": (True, "TELEGRAM_WEBHOOK_SECRETS"),
    "telegram_url": (False, "TELEGRAM_BASE_URL"),
    "telegram_bot": (False, "TELEGRAM_BOT_USERNAME"),
}
# Who makes the providers' keys: whether each is a secret, a local stack's variable for it, and the usual value.
PROVIDERS = {
    "xai_url": (False, "XAI_BASE_URL", "https://api.x.ai/v1"),
    "xai_management_url": (False, "XAI_MANAGEMENT_URL", "https://management-api.x.ai"),
    "xai_management_key": (True, "XAI_MANAGEMENT_KEY", ""),
    "todoist_url": (False, "TODOIST_BASE_URL", "https://api.todoist.com/api/v1"),
}
# The server that migrations are tried on, where that is another one than the dumps'.
SHADOW = "shadow_database_url"
SECRETS = {
    *(key for key, is_secret in VALUES.items() if is_secret),
    "telegram_token",
    "telegram_secret",
    "xai_management_key",
    SHADOW,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Fills values in, and notes what is missing with the places where it can be set."""

    at: str
    env_file: str
    environ: Mapping[str, str]
    problems: Problems

    def value(self, key: str, given: object) -> tuple[str, str]:
        """Return the name that a value has for people, and the value; empty when it is missing."""
        if not isinstance(given, str) or not given:
            self.problems.add(f"{self.at}.{key} is missing: set it in {FILE}, as a value or as $VARIABLE")
            return key, ""
        if given.startswith("$"):
            return given.removeprefix("$"), self._variable(key, given.removeprefix("$"))
        if key in SECRETS:
            self.problems.add(f"{self.at}.{key} is a secret written into {FILE}: write $VARIABLE and set that instead")
        return key, given

    def _variable(self, key: str, variable: str) -> str:
        """Return a variable's value; empty when it is not set."""
        value = self.environ.get(variable, "").strip()
        if not value:
            place = f" or put it in {self.env_file}" if self.env_file else ""
            self.problems.add(f"{variable} is not set: export it{place} (for {self.at}.{key} of {FILE})")
        return value


def env_file(root: Path, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of the environment's env file; none where there is no such file."""
    path = root / str(table.get("env_file") or ".env")
    if not table.get("env_file") or not path.is_file():
        return {}
    return {key: value for key, value in dotenv_values(path, interpolate=False).items() if value}
