"""What can go wrong with the local stack.

May not import anything else of `local`.
"""

from gonogo.errors import ExitCode, GonogoError


class StackError(GonogoError):
    """A part of the local stack did not start, stop or answer."""

    exit_code = ExitCode.UNREACHABLE
