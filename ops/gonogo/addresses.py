"""The addresses and tokens of an environment: refused where they cannot work, and never shown. Pure."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

_SCHEMES = {
    "coolify_url": ("http://", "https://"),
    "api_url": ("http://", "https://"),
    "database_url": ("postgresql://", "postgres://"),
    "scratch_url": ("postgresql://", "postgres://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
}
_PLAIN = {"coolify_url", "api_url"}
_TOKENS = ("coolify_token", "api_token")


def check(values: Mapping[str, tuple[str, str]], place: str, add: Callable[[str], None]) -> None:
    """Refuse what cannot work; the value itself may hold a password and is not shown.

    Args:
        values: by key, the name that a value has for people, and the value.
        place: where the keys are written.
        add: told of each problem.
    """
    for key, schemes in _SCHEMES.items():
        variable, value = values[key]
        if value and not value.startswith(schemes):
            add(f"{variable} does not start with {' or '.join(schemes)} ({place}.{key})")
        elif value and key in _PLAIN and not _is_plain(value):
            add(f"{variable} is not scheme://host[:port][/path] without a user ({place}.{key})")
    for key in _TOKENS:
        variable, value = values[key]
        if not value.isascii() or not value.isprintable():
            add(f"{variable} holds signs that no token has ({place}.{key})")


def _is_plain(url: str) -> bool:
    """Return whether a URL names a host, and no user: a password in it would be shown in messages."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
