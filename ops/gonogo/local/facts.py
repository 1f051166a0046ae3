"""What is known about a complete stack, kept in a private file: it holds secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.local import files
from gonogo.local.definition import StackInfo
from gonogo.local.errors import StackError
from gonogo.local.paths import Paths


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known about a complete stack.

    Attributes:
        environment: the variables that a release to this stack needs; secret.
        ready: path of the service's ready probe.
    """

    info: StackInfo
    ready: str
    environment: Mapping[str, str] = field(repr=False)


def write(paths: Paths, facts: Facts) -> Facts:
    """Keep them; from now on the stack is complete."""
    info = facts.info
    files.write_json(
        paths.facts,
        {
            "name": info.name,
            "directory": str(info.directory),
            "url": info.url,
            "coolify_url": info.coolify_url,
            "applications": dict(info.applications),
            "first": info.first,
            "bin_dir": str(info.bin_dir),
            "providers": dict(info.providers),
            "ready": facts.ready,
            "environment": dict(facts.environment),
        },
    )
    return facts


def read(paths: Paths) -> Facts | None:
    """Return them; None when the stack was never complete, or is gone."""
    try:
        data = json.loads(paths.facts.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    environment, ready = data.pop("environment"), data.pop("ready")
    data |= {name: Path(data[name]) for name in ("directory", "bin_dir")}
    return Facts(info=StackInfo(**data), ready=ready, environment=environment)


def need(paths: Paths) -> Facts:
    """Return them.

    Raises:
        StackError: there is no complete stack.
    """
    found = read(paths)
    if found is None:
        raise StackError("stack-not-up", f"the stack {paths.directory.name} is not up", hint="invoke stack.up")
    return found
