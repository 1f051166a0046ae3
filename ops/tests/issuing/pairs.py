"""A rotation's pair, as a test begins it."""

from datetime import UTC, datetime

from gonogo.adapters.issuing import Issuer
from gonogo.model import Pair, Secret

TAG = "20260101T000000000-secret"


def begun(issuer: Issuer, old: Secret) -> Pair:
    """Return the old value with a new one that is taken."""
    draft = Pair(made_at=datetime.now(UTC), old=old, new=issuer.draft(old))
    return Pair(made_at=draft.made_at, old=old, new=issuer.admit(draft, TAG))
