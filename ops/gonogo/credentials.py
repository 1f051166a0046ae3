"""The secrets that can be rotated: where each one is told, how it is replaced, and how it is recognised. Pure.

May not talk to anything outside.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model import Pair, Rotation, Secret

# What the service keys its fingerprints with.
KEY = "CONFIG_FINGERPRINT_KEY"
_DIGITS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One secret that can be rotated.

    Attributes:
        variable: what the service is told it by; empty for what only its clients use.
        own: the operator's own variable for it; empty where the operator has none.
        what: what it is, in words.
        overlaps: whether old and new are taken side by side; else the old one ends as the new one is made.
        by_list: whether the service takes every value of a list, so that it is the service itself that admits one.
        by_hand: whether only a person can make a new value.
        console: what a person does at the provider's to make a new value.
        console_end: what a person does there to end the old one; empty where that is done for them.
    """

    name: str
    variable: str
    own: str
    what: str
    overlaps: bool = True
    by_list: bool = False
    by_hand: bool = False
    console: str = ""
    console_end: str = ""

    @property
    def is_told(self) -> bool:
        """Return whether the service is told it, and so must be deployed anew."""
        return bool(self.variable)


_ALL = (
    Kind(name="api-tokens", variable="", own="API_TOKEN", what="the API token of the toolkit and its operators"),
    Kind(name="database", variable="DATABASE_URL", own="", what="the service's login at the database"),
    Kind(name="redis", variable="REDIS_URL", own="", what="the service's login at Redis"),
    Kind(
        name="telegram-webhook",
        variable="TELEGRAM_WEBHOOK_SECRETS",
        own="TELEGRAM_WEBHOOK_SECRETS",
        what="what Telegram shows with each delivery",
        by_list=True,
    ),
    Kind(
        name="todoist-token",
        variable="TODOIST_API_TOKEN",
        own="TODOIST_API_TOKEN",
        what="the token of the Todoist account",
        overlaps=False,
        by_hand=True,
        console=(
            "in Todoist: Settings, Integrations, Developer, issue a new API token. The old one ends at that moment; "
            "until the new one is deployed syncs are given up, and what is to be synced waits in the database"
        ),
    ),
    Kind(
        name="xai-key",
        variable="XAI_API_KEY",
        own="XAI_API_KEY",
        what="the key of the language model's provider",
        console=(
            "in xAI's console: API Keys, create a second key with the same permissions as the one in use. "
            "Leave the one in use as it is"
        ),
        console_end="in xAI's console: API Keys, delete the key that was replaced",
    ),
)
KINDS: Mapping[str, Kind] = {each.name: each for each in _ALL}


def kind_of(rotation: Rotation) -> Kind:
    """Return how a rotation's secret is replaced."""
    return KINDS[rotation.name]


def fingerprint(variable: str, value: Secret, key: Secret) -> str:
    """Return what the service shows of a secret: it tells one value from another, and nothing else of it."""
    listed = ",".join(each.strip() for each in value.reveal().split(",")) if _is_list(variable) else value.reveal()
    signed = hmac.new(key.reveal().encode(), f"{variable}\0{listed}".encode(), hashlib.sha256)
    return signed.hexdigest()[:_DIGITS]


def both(kind: Kind, pair: Pair) -> Secret:
    """Return what the service is told while old and new are taken."""
    if not kind.by_list:
        return pair.coming
    return Secret(kind.variable, f"{pair.coming.reveal()},{pair.old.reveal()}")


def parts(kind: Kind, value: Secret) -> tuple[Secret, ...]:
    """Return the single values of a secret, of which a list holds several."""
    if not kind.by_list:
        return (value,)
    return tuple(Secret(value.name, each.strip()) for each in value.reveal().split(",") if each.strip())


def _is_list(variable: str) -> bool:
    """Return whether a variable holds several values with commas between."""
    return any(each.by_list and each.variable == variable for each in _ALL)
