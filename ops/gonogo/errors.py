"""Every error that a person can meet, as a form: what happened, where, why it matters, what to do next.

May not import anything of ours. Exit codes stand on this page alone (docs/reference/exit-codes.md).

GonogoError
├── UsageError             2   wrong words on the command line
├── ConfigurationError     2   gonogo.toml or the environment is incomplete or wrong
├── NothingToDoError       3   the target is already served
├── NoGoError              4   a gate said no; nothing has changed
├── LockHeldError          5   somebody else is releasing, or a release waits to be resumed
├── StepFailedError        1   a step's effect could not be proven
├── NeedsPersonError       6   failed, and not proven to be back
│   ├── AwaitsPersonError  6   only a person can do the next step; the command to go on with is in the hint
│   └── LedgerError        6   the journal cannot be written
│       └── LockLostError  6   the lock is not ours any more; somebody else may be releasing now
├── UnreachableError       7   an outside service does not answer
│   └── AnswerLostError    7   a changing request was sent, its answer never came
├── RefusedError           1   an outside service answered, and said no
│   └── LockTimeoutError   1   a migration waited too long for a lock
└── InterruptedReleaseError 130
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process's exit status means."""

    RELEASED = 0
    ROLLED_BACK = 1
    USAGE = 2
    NOTHING_TO_DO = 3
    NO_GO = 4
    LOCK_HELD = 5
    NEEDS_PERSON = 6
    UNREACHABLE = 7
    INTERRUPTED = 130


class GonogoError(Exception):
    """An error as a form.

    Attributes:
        reference: kebab-case name, stable, searchable in docs.
        message: what happened, with the names and values at hand; never a secret.
        where: file and key, host, step, table; empty when the message says it.
        why: what would be wrong, lost or locked.
        hint: the next command, ready to paste.
        exit_code: the process's exit status when this error ends it.
    """

    exit_code = ExitCode.ROLLED_BACK

    def __init__(self, reference: str, message: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        """Fill the form in."""
        super().__init__(message)
        self.reference = reference
        self.message = message
        self.where = where
        self.why = why
        self.hint = hint


class UsageError(GonogoError):
    """The command's words are wrong."""

    exit_code = ExitCode.USAGE


class ConfigurationError(GonogoError):
    """gonogo.toml or the process environment is incomplete or wrong.

    Attributes:
        problems: every problem found, one sentence each, with where it is set.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, reference: str, message: str, *, problems: tuple[str, ...] = (), hint: str = "") -> None:
        """Fill the form in; `problems` are shown as a list under the message."""
        super().__init__(reference, message, where="; ".join(problems), hint=hint)
        self.problems = problems


class NothingToDoError(GonogoError):
    """The target is already served and the schema is at its head."""

    exit_code = ExitCode.NOTHING_TO_DO


class NoGoError(GonogoError):
    """A gate said no; nothing has changed."""

    exit_code = ExitCode.NO_GO


class LockHeldError(GonogoError):
    """Somebody else is releasing to this environment, or a release waits to be resumed."""

    exit_code = ExitCode.LOCK_HELD


class StepFailedError(GonogoError):
    """A step's effect failed or could not be proven."""


class RefusedError(GonogoError):
    """An outside service answered, and said no."""


class LockTimeoutError(RefusedError):
    """A migration waited too long for a lock; nothing of its revision was applied."""


class NeedsPersonError(GonogoError):
    """The release failed and the way back is not proven."""

    exit_code = ExitCode.NEEDS_PERSON


class AwaitsPersonError(NeedsPersonError):
    """Only a person can do what comes next; nothing is undone, and the hint is the command to go on with."""


class LedgerError(NeedsPersonError):
    """The journal cannot be written: nothing may be done that is not written down first."""


class LockLostError(LedgerError):
    """The lock is not ours any more, or somebody else has gone on with the release: not one effect more."""


class UnreachableError(GonogoError):
    """An outside service does not answer; the request cannot have had an effect."""

    exit_code = ExitCode.UNREACHABLE


class AnswerLostError(UnreachableError):
    """A changing request went out and no answer came: it may have happened, so it is never sent again."""


class InterruptedReleaseError(GonogoError):
    """A person or the system stopped the release; the journal says where."""

    exit_code = ExitCode.INTERRUPTED
