"""How a run ends other than well; each with the status of the process."""

from typing import ClassVar

from alembic.util import CommandError


class MigratorError(CommandError):
    """A run that has to be looked at; the schema is where the message says."""

    status: ClassVar[int] = 1


class GaveUpError(MigratorError):
    """A lock, or the turn to migrate, was not to be had in time; nothing was left half done, so run it again."""

    status = 75  # sysexits.h: EX_TEMPFAIL


class StoppedError(MigratorError):
    """Somebody stopped the run."""

    status = 130
