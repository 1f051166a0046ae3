"""The records of a rotation: which secret, what is old and new, and which one who uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gonogo.model.settings import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """Which secret a plan replaces.

    Attributes:
        name: as people name it: database, redis, …
        variable: what the service is told it by; empty for what only its clients use.
        by_hand: whether a person makes the new value, at the provider's.
        fingerprint: of the value that is replaced.
    """

    name: str
    variable: str
    by_hand: bool = False
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A secret's old and new value, while one is replaced by the other.

    Attributes:
        made_at: when it was first kept.
        old: what is replaced, as the variable has it: several with commas between, where several are accepted.
        new: None until it is made.
    """

    made_at: datetime
    old: Secret
    new: Secret | None = None

    @property
    def coming(self) -> Secret:
        """Return the new value, which must have been made."""
        if self.new is None:
            raise ValueError(self.old.name)
        return self.new


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSecrets:
    """Which secrets a worker uses, by its last heartbeat.

    Attributes:
        state: running, stopping or stopped.
        age_s: seconds since the beat, on the service's clock.
        secrets: a fingerprint by variable; none when it does not say.
    """

    id: str
    state: str
    age_s: float
    secrets: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretsSeen:
    """Which secrets the service uses, as one of its processes says.

    Attributes:
        replica: which process answered.
        secrets: a fingerprint by variable; none when it does not say.
    """

    replica: str
    secrets: Mapping[str, str]
    workers: tuple[WorkerSecrets, ...]
