"""What a check says of a scene's facts, in short."""

from dataclasses import replace
from typing import Any

from gonogo.model import JSON, Application, Config, Severity
from gonogo.protocols import Check
from gonogo.testing import Scene
from tests.unit.releases import CONFIG, observed, refusing


def said(check: Check, config: Config = CONFIG, /, **changes: Any) -> list[tuple[Severity, str, str]]:
    """Return severity, message and hint of what a check finds in a good scene's facts, changed."""
    found = check(config, refusing(Scene(), **changes))
    return [(finding.severity, finding.message, finding.hint) for finding in found]


def api(**settings: JSON) -> Application:
    """Return the scene's API, set up so."""
    return replace(observed(Scene()).platform.api, settings=settings)


def worker(**settings: JSON) -> Application:
    """Return the scene's worker, set up so."""
    return replace(observed(Scene()).platform.worker, settings=settings)
