"""Server versions, in order."""

import re

EITHER_ABILITY_DEPLOYS_UNTIL = "4.0.0-beta.420.2"
SENSITIVE_HIDDEN = "4.0.0-beta.377"
SKIPS_IDENTICAL = "4.0.0-beta.408"
RUNTIME_FLAGS = "4.0.0-beta.435"
BACKUPS = "4.0.0-beta.429"
CANCEL = "4.0.0-beta.436"
UNKNOWN_HEALTH = "4.0.0-beta.445"
QUEUE_LIMIT = "4.0.0-beta.454"
TASKS = "4.0.0-beta.464"
STARTS_NEED_DEPLOY = "4.0.0-beta.464"
LOSES_DEPLOYMENTS = ("4.0.0-beta.464", "4.0.0-beta.468")
TOKENS_EXPIRE = "4.0.0-beta.474"
COMMIT_KEY = "4.1.0"
MEMBERSHIP = "4.1.2"
PORT_OPTIONAL = "4.1.2"
POST_ONLY = "4.2.0"
ROLES = "4.2.0"
LOCKED_FROM_ROOT = "4.2.0"
LIST_HIDES_LOGS = "4.2.0"
LOG_TIMES = "4.2.0"
SETTINGS_BY_PATCH = "4.2.0"
NAMES_BY_PATCH = "4.3.0"
ROLLBACK = "4.3.0"
EXECUTE = "4.3.0"
CANCEL_ADVANCES = "4.3.7"
ROLLBACK_TAKES_TAG = "4.3.12"
_BEFORE_RELEASE = {"beta": 0, "rc": 1}
_FINAL = 2


def key(version: str) -> tuple[int, ...]:
    """Return what sorts versions: `4.0.0-beta.470` comes before `4.0.0`, which comes before `4.4-rc.1`."""
    number, _, suffix = version.partition("-")
    parts = [int(part) for part in number.split(".")] + [0, 0]
    stage = _BEFORE_RELEASE.get(suffix.partition(".")[0], _FINAL)
    build = [int(part) for part in re.findall(r"\d+", suffix)] + [0, 0]
    return (*parts[:3], stage, *build[:2])


def at_least(version: str, since: str) -> bool:
    """Return whether a server of this version has what came with another."""
    return key(version) >= key(since)
