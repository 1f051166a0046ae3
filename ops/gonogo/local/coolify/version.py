"""Server versions, in order."""

import re

ROLLBACK = "4.3.0"
POST_ONLY = "4.2.0"
SETTINGS_BY_PATCH = "4.2.0"
NAMES_BY_PATCH = "4.3.0"
COMMIT_KEY = "4.1.0"
_BEFORE_RELEASE = {"beta": 0, "rc": 1}
_FINAL = 2


def key(version: str) -> tuple[int, ...]:
    """Return what sorts versions: `4.0.0-beta.470` comes before `4.0.0`, which comes before `4.4-rc.1`."""
    number, _, suffix = version.partition("-")
    parts = [int(part) for part in number.split(".")] + [0, 0]
    stage = _BEFORE_RELEASE.get(suffix.partition(".")[0], _FINAL)
    build = re.search(r"\d+$", suffix)
    return (*parts[:3], stage, int(build.group()) if build else 0)


def at_least(version: str, since: str) -> bool:
    """Return whether a server of this version has what came with another."""
    return key(version) >= key(since)
