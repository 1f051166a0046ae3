"""The configuration's fingerprint: tells that two processes are set up alike, and nothing of how."""

import hashlib
import hmac
import json
from pathlib import Path

from pydantic import SecretStr

from backend.core.environment import Environment

# Between two processes of one configuration these may differ; the key cannot be part of what it signs.
NOT_COMPARED = frozenset(
    {"config_fingerprint_key", "source_commit", "worker_ready_file", "worker_metrics_host", "worker_metrics_port"}
)
_DIGITS = 24


def fingerprint_of(environment: Environment) -> str | None:
    """Return a keyed hash of the settings that are set, names and values; None without a key.

    Without the key nobody can try values until the hash fits. A default counts for nothing, so that a release with a
    new setting does not look like a change of the configuration.

    Args:
        environment: The settings.
    """
    key = environment.config_fingerprint_key
    if key is None:
        return None
    given = {name: _plain(getattr(environment, name)) for name in environment.model_fields_set - NOT_COMPARED}
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"))
    signed = hmac.new(key.get_secret_value().encode(), canonical.encode(), hashlib.sha256)
    return signed.hexdigest()[:_DIGITS]


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
