"""The smoke suite of a release, run from its own checkout."""

import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gonogo.adapters import processes
from gonogo.model import Checkout, Secret, Suite, Target

# How much of a test's first line of why is shown; the rest is in the suite's own output.
_SHOWN = 120


class PytestSmoke:
    """A pytest suite that is told by its environment where to go."""

    def __init__(self, command: tuple[str, ...], target: Target) -> None:
        """Prepare; nothing is run yet."""
        self._command = command
        self._target = target

    def run(self, checkout: Checkout) -> Suite:
        """Run it against the environment."""
        return run(self._command, checkout, environ=self._environ(), timeout_s=self._target.limits.smoke_timeout_s)

    def with_token(self, token: Secret) -> "PytestSmoke":
        """Return the same suite, run with another token."""
        return PytestSmoke(self._command, replace(self._target, api_token=token))

    def _environ(self) -> dict[str, str]:
        """Return where the suite goes."""
        return {
            "SMOKE_ENV": self._target.name,
            "API_URL": self._target.api_url,
            "API_TOKEN": self._target.api_token.reveal(),
            "DATABASE_URL": self._target.database_url.reveal(),
            "REDIS_URL": self._target.redis_url.reveal(),
        }


def run(command: tuple[str, ...], checkout: Checkout, *, environ: Mapping[str, str], timeout_s: float) -> Suite:
    """Return what a checkout's suite says of the service that it is told of.

    Args:
        command: pytest, with `{python}` for the checkout's interpreter.
        checkout: where it is.
        environ: where the suite goes: SMOKE_ENV, API_URL, API_TOKEN, DATABASE_URL, REDIS_URL.
        timeout_s: after so many seconds it is killed.

    Raises:
        RefusedError: it cannot be run, or did not end in time.
    """
    with tempfile.TemporaryDirectory(prefix="gonogo-smoke-") as folder:
        report = Path(folder) / "junit.xml"
        words = (*(word.format(python=checkout.python) for word in command), f"--junitxml={report}")
        told = {
            "RUN_STAGING_SMOKE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PY_COLORS": "0",
            "PYTEST_ADDOPTS": "",
            **environ,
        }
        result = processes.run(words, cwd=checkout.path, env=told, timeout_s=timeout_s)
        passed, failed = _read(report)
    return Suite(exit_code=result.code, passed=passed, failed=failed, output=result.stdout[-4000:])


def _read(report: Path) -> tuple[int, tuple[str, ...]]:
    """Return how many tests passed, and those that did not with the first line of why."""
    if not report.is_file():
        return 0, ()
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314  # written by our own child
    passed, failed = 0, []
    for case in cases:
        bad = next((part for part in case if part.tag in {"failure", "error"}), None)
        if bad is not None:
            why = (bad.get("message") or "").splitlines() or [""]
            failed.append(f"{case.get('name')}: {why[0][:_SHOWN]}")
        elif not any(part.tag == "skipped" for part in case):
            passed += 1
    return passed, tuple(failed)
