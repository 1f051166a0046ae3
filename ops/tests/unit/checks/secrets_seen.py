"""Facts of secrets, in short."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.model import Holding, Secret, SecretFacts

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def held(name: str, value: str | None, holder: str = "api", *, days: int | None = None, **more: Any) -> Holding:
    """Return a secret in a place, so many days old."""
    secret = None if value is None else Secret(name, value)
    since = None if days is None else NOW - timedelta(days=days)
    return Holding(name=name, holder=holder, secret=secret, since=since, told_by="Coolify" if since else "", **more)


def seen(*holdings: Holding, **more: Any) -> SecretFacts:
    """Return what is known of secrets."""
    return SecretFacts(at=NOW, holdings=holdings, **more)
