"""Every fault rehearsed in turn, and held against what the documentation says of it."""

from collections.abc import Mapping

from gonogo.errors import ExitCode
from gonogo.local import breakage

# What each rehearsal must end in: docs/reference/exit-codes.md.
_EXPECTED = {
    "": ExitCode.RELEASED,
    **dict.fromkeys(breakage.NAMES, ExitCode.ROLLED_BACK),
    "backup-corrupt": ExitCode.NO_GO,
    "provider-nonsense": ExitCode.RELEASED,
}
FAULTS = tuple(_EXPECTED)
HEADERS = ("fault", "verdict", "exit", "serving", "requests", "failed", "seconds", "as documented")


def is_as_documented(fault: str, said: Mapping[str, object]) -> bool:
    """Return whether a rehearsal ended as documented, with the right version serving and no request failed.

    Args:
        fault: what was broken; empty for nothing.
        said: the release's document.
    """
    is_released = _EXPECTED[fault] is ExitCode.RELEASED
    serving = said["target_version"] if is_released else said["previous_version"]
    exit_code, failed = said["exit_code"], said["requests_failed"]
    return exit_code == _EXPECTED[fault] and said["serving_version"] == serving and failed == 0


def row(fault: str, said: Mapping[str, object]) -> tuple[str, ...]:
    """Return a rehearsal's row of the table, in the order of `HEADERS`."""
    shown = ("verdict", "exit_code", "serving_version", "requests_total", "requests_failed", "duration_s")
    return (fault or "none", *(str(said[key]) for key in shown), "yes" if is_as_documented(fault, said) else "NO")
