"""Which commit this process was built from, and by which build."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

UNKNOWN = "unknown"
BUILD_FILE = Path(__file__).resolve().parents[2] / "build.json"
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """The identity of the running code.

    Attributes:
        commit: The full commit, 40 hexadecimal digits, or "unknown".
        id: Tells this build from another one of the same commit; None when the build file does not say.
    """

    commit: str
    id: str | None = None

    @property
    def version(self) -> str:
        """The short form that people and reports use."""
        return self.commit[:12]


def read_build(file: Path, declared_commit: str | None) -> Build:
    """Return the identity baked in at build time, else the declared one.

    A platform sets its variable to the commit that it was asked for, even when it starts a stale image;
    therefore the file wins.

    Args:
        file: The build file, a JSON object with the keys "commit" and "build_id".
        declared_commit: The commit that the environment names, if any.
    """
    said = _said_in(file)
    build_id = said.get("build_id", "")
    for commit in (said.get("commit", ""), declared_commit or ""):
        if _COMMIT.fullmatch(commit):
            return Build(commit=commit, id=build_id if _ID.fullmatch(build_id) else None)
    return Build(commit=UNKNOWN)


def _said_in(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: str(value) for name, value in content.items()} if isinstance(content, dict) else {}
