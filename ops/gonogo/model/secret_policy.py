"""The records of what a project asks of its secrets: how old they may be, and what is accepted for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretRow:
    """What the project says of one secret.

    Attributes:
        name: its variable.
        owner: who replaces it; empty where nobody is named.
        overlap: whether the old and the new one are both taken for a while: native, app or none; empty where not said.
        max_age_days: how old it may be; None for the policy's own.
        rotated: by environment, the day on which it was replaced by hand.
    """

    name: str
    owner: str = ""
    overlap: str = ""
    max_age_days: int | None = None
    rotated: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretException:
    """What is accepted for a while.

    Attributes:
        rule: the check that says it.
        subject: the variable, or the path that it says it of; `*` and `?` stand for any letters.
        expires: the last day on which it holds.
        environment: where it holds; empty for everywhere.
    """

    rule: str
    subject: str
    reason: str
    who: str
    expires: date
    environment: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretPolicy:
    """What gonogo.toml says of secrets.

    Attributes:
        max_age_days: how old a secret may be that has no row of its own.
        rows: by variable.
    """

    max_age_days: int = 90
    rows: Mapping[str, SecretRow] = field(default_factory=dict)
    exceptions: tuple[SecretException, ...] = ()

    def oldest(self, name: str) -> int:
        """Return how many days old a secret may be."""
        row = self.rows.get(name)
        return row.max_age_days if row and row.max_age_days else self.max_age_days
