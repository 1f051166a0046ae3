"""Tell whether two secrets are the same, without showing either."""

import hashlib
import hmac
from secrets import token_bytes

from gonogo.model import Secret

# Made when the process starts, kept nowhere: marks mean nothing to another process.
_SALT = token_bytes(32)
# A shorter text is the same in two places by chance.
SHORTEST = 8


def parts(secret: Secret) -> tuple[str, ...]:
    """Return what of a value is secret: a URL's passwords, a list's parts, a Coolify token without its number."""
    value = secret.reveal().strip()
    if "://" in value:
        found: tuple[str, ...] = secret.words[1:]
    elif "," in value:
        found = tuple(each.strip() for each in value.split(","))
    else:
        head, _, token = value.partition("|")
        found = (token,) if token and head.isdecimal() else (value,)
    return tuple(dict.fromkeys(each for each in found if len(each) >= SHORTEST))


def marks(secret: Secret) -> frozenset[str]:
    """Return keyed hashes of a value's parts; two values with a mark in common share a secret."""
    return frozenset(hmac.new(_SALT, each.encode(), hashlib.sha256).hexdigest() for each in parts(secret))
