"""Which commit this process was built from."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

UNKNOWN = "unknown"
BUILD_FILE = Path(__file__).resolve().parents[2] / "build.json"
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """The identity of the running code.

    Attributes:
        commit: The full commit, 40 hexadecimal digits, or "unknown".
    """

    commit: str

    @property
    def version(self) -> str:
        """The short form that people and reports use."""
        return self.commit[:12]


def read_build(file: Path, declared_commit: str | None) -> Build:
    """Return the identity baked in at build time, else the declared one.

    A platform sets its variable to the commit that it was asked for, even when it starts a stale image;
    therefore the file wins.

    Args:
        file: The build file, a JSON object with the key "commit".
        declared_commit: The commit that the environment names, if any.
    """
    for commit in (_commit_in(file), declared_commit or ""):
        if _COMMIT.fullmatch(commit):
            return Build(commit=commit)
    return Build(commit=UNKNOWN)


def _commit_in(file: Path) -> str:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(content.get("commit", "")) if isinstance(content, dict) else ""
