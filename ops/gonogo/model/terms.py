"""The enums with the field's terms, and the one way to name a version."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
Notes: TypeAlias = Mapping[str, JSON]


def version_of(commit: str | None) -> str:
    """Return the version that people see for a commit: its first twelve digits, or `unknown`."""
    return commit[:12] if commit else "unknown"


class Severity(StrEnum):
    """What a finding does to a release."""

    BLOCK = "block"
    ADVISE = "advise"
    INFO = "info"


class PinKind(StrEnum):
    """What names the artifact that an application runs."""

    COMMIT = "commit"
    TAG = "tag"
    DIGEST = "digest"


class PlanKind(StrEnum):
    """What a plan does: bring code, move the schema alone, bring data back, or replace a secret."""

    RELEASE = "release"
    ROLLBACK = "rollback"
    MIGRATION = "migration"
    DOWNGRADE = "downgrade"
    RESTORE = "restore"
    ROTATION = "rotation"

    @property
    def moves_code(self) -> bool:
        """Return whether it brings another version."""
        return self in {PlanKind.RELEASE, PlanKind.ROLLBACK}

    @property
    def moves_schema(self) -> bool:
        """Return whether the schema alone moves."""
        return self in {PlanKind.MIGRATION, PlanKind.DOWNGRADE}

    @property
    def goes_back(self) -> bool:
        """Return whether it goes to what was there before."""
        return self in {PlanKind.ROLLBACK, PlanKind.DOWNGRADE}


class WayBack(StrEnum):
    """What going back to the previous release would cost; unknown counts as unsafe."""

    SAFE = "safe"
    SAFE_WITH_LOSS = "safe-with-loss"
    IMPOSSIBLE = "impossible"
    UNKNOWN = "unknown"


class StepStatus(StrEnum):
    """Where a step of a release stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REVERTING = "reverting"
    REVERTED = "reverted"
    REVERT_FAILED = "revert_failed"


class Verdict(StrEnum):
    """How a release ended."""

    RELEASED = "released"
    ROLLED_BACK = "rolled_back"
    NO_GO = "no_go"
    NEEDS_PERSON = "needs_person"
    NOTHING_TO_DO = "nothing_to_do"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"
    UNFINISHED = "unfinished"


class EntryKind(StrEnum):
    """What one line of the journal says."""

    RELEASE_STARTED = "release-started"
    STEP_STARTED = "step-started"
    STEP_NOTED = "step-noted"
    STEP_DONE = "step-done"
    STEP_FAILED = "step-failed"
    REVERT_STARTED = "revert-started"
    REVERT_DONE = "revert-done"
    REVERT_FAILED = "revert-failed"
    INTERRUPTED = "interrupted"
    TURNED = "turned-round"
    RESUMED = "resumed"
    RELEASE_ENDED = "release-ended"
    DRILLED = "drilled"
