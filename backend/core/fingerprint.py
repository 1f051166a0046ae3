"""Fingerprints: tell that two processes are set up alike, or which secret one uses, and nothing of either."""

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
# Enough to tell one secret from the one before it, and no help in finding either.
_SECRET_DIGITS = 8


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


def secrets_of(environment: Environment) -> dict[str, str]:
    """Return a keyed hash of each secret that is set, by its variable; nothing without a key.

    The variable's name is signed with the value, so that nobody sees where one value stands in two places.

    Args:
        environment: The settings.
    """
    key = environment.config_fingerprint_key
    if key is None:
        return {}
    texts = {name: _secret(getattr(environment, name)) for name in environment.model_fields_set - NOT_COMPARED}
    return {
        name.upper(): _signed(key.get_secret_value(), f"{name.upper()}\0{text}")
        for name, text in sorted(texts.items())
        if text
    }


def _signed(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:_SECRET_DIGITS]


def _secret(value: object) -> str:
    """Return a secret's text, of several with commas between; empty for what is none."""
    listed = value if isinstance(value, tuple) else (value,)
    return ",".join(each.get_secret_value() for each in listed if isinstance(each, SecretStr))


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
