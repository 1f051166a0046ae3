"""The part of Coolify's API that a release uses, and since which version it is there."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-(beta|rc)\.?(\d+(?:\.\d+)*))?")
_FINAL = "final"
_STAGES = {"beta": 0, "rc": 1, _FINAL: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A route.

    Attributes:
        path: below /api/v1, with `{}` for a uuid.
        since: the first version that has it.
    """

    method: str
    path: str
    since: str

    @property
    def changes(self) -> bool:
        """Return whether a request may have an effect."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """Return what people read."""
        return f"{self.method} {self.path.partition('?')[0].format('…')}"

    def at(self, uuid: str = "") -> str:
        """Return the path for an object."""
        return self.path.format(quote(uuid, safe=""))


VERSION = Endpoint(method="GET", path="/version", since="4.0.0-beta.298")
APPLICATION = Endpoint(method="GET", path="/applications/{}", since="4.0.0-beta.307")
CHANGE_APPLICATION = Endpoint(method="PATCH", path="/applications/{}", since="4.0.0-beta.307")
VARIABLES = Endpoint(method="GET", path="/applications/{}/envs", since="4.0.0-beta.307")
CHANGE_VARIABLE = Endpoint(method="PATCH", path="/applications/{}/envs", since="4.0.0-beta.307")
DEPLOY = Endpoint(method="POST", path="/deploy", since="4.0.0-beta.298")
# Starts nothing: it names no application, and newer versions answer 405.
MAY_DEPLOY = Endpoint(method="GET", path="/deploy", since="4.0.0-beta.298")
DEPLOYMENT = Endpoint(method="GET", path="/deployments/{}", since="4.0.0-beta.307")
ACTIVE = Endpoint(method="GET", path="/deployments", since="4.0.0-beta.307")
RECENT = Endpoint(method="GET", path="/deployments/applications/{}?skip=0&take=20", since="4.0.0-beta.402")


def order(version: str) -> tuple[int, int, int, int, tuple[int, ...]] | None:
    """Return what versions are compared by: beta < rc < final; None for one that is not understood."""
    found = _VERSION.match(version.strip())
    if not found:
        return None
    major, minor, patch, stage, number = found.groups()
    last = tuple(int(part) for part in (number or "0").split("."))
    return int(major), int(minor), int(patch or 0), _STAGES[stage or _FINAL], last
