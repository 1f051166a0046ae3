"""What a row of the table of faults says. May not do I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """Where a deployment's job can be broken into."""

    BUILD = "build"
    HEALTH = "health"
    POST = "post"


# For how many seconds a container is good that ends again and again after that, by its conduct.
GOOD_S: Mapping[str, float] = {"crash-loop": 0.0, "crash-soon": 6.0, "crash-later": 60.0}


class Effect(StrEnum):
    """What becomes of a request that a fault hits."""

    PAGE = "page"
    REDIRECT = "redirect"
    THROTTLED = "throttled"
    NO_ENDPOINT = "no-endpoint"
    LOST = "lost"
    LOST_AFTERWARDS = "lost-afterwards"
    PAGE_AFTERWARDS = "page-afterwards"
    CUT_SHORT = "cut-short"
    SLOW = "slow"
    OTHER_ID = "other-id"
    NO_ENTRY = "no-entry"
    NO_ID = "no-id"
    MISSING = "missing"
    UNKEPT = "unkept"
    STUCK_ROW = "stuck-row"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sabotage:
    """What goes wrong inside a deployment's job, or with the container that it makes.

    Attributes:
        environment: variables that the new container gets instead; None takes one away.
        stale: the container that runs now is made again instead of what was asked for.
        build_says: the build ends with these words.
        pull_says: the image cannot be pulled, with these words.
        conduct: what the new container does wrong.
        old_conduct: what the old containers do wrong from now on.
        pre_fails: the pre-deployment command ends with an error.
        post_fails: the post-deployment command ends with an error.
        stalls: no work ever begins.
        stays_open: the job never comes to its end after `finished`.
        spares_old: this many old containers are not removed.
        interrupted: in which phase something happens to the job, and what: an event's name.
    """

    environment: Mapping[str, str | None] = field(default_factory=dict)
    stale: bool = False
    build_says: str = ""
    pull_says: str = ""
    conduct: str = ""
    old_conduct: str = ""
    pre_fails: bool = False
    post_fails: bool = False
    stalls: bool = False
    stays_open: bool = False
    spares_old: int = 0
    interrupted: tuple[Phase, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """What becomes of requests.

    Attributes:
        method: of the requests that are hit; empty for every one.
        path: a pattern that is found in the path below `/api/v1`.
        status: of the answer, where the effect leaves a choice.
    """

    effect: Effect
    method: str = ""
    path: str = ""
    status: int = 502


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One way to go wrong.

    Attributes:
        summary: what really happens, for people, one line.
        service: the application that it hits; empty for each.
        after: `METHOD pattern` of the request whose answer it waits for; empty to begin at once.
        before: the same, and it begins right before that request is handled.
        times: how many requests it hits unless told otherwise; None for all.
        lasts: seconds until it is over; None for never.
        event: what happens once when it begins.
        server: what it changes about the server while it is on.
        token: what it changes about every token while it is on.
        takes: the ability that it takes from every token.
        gone: it makes its application invisible.
        on_paper: it needs containers on paper; no process can be made to do it.
    """

    name: str
    summary: str
    service: str = ""
    after: str = ""
    before: str = ""
    times: int | None = None
    lasts: float | None = None
    event: str = ""
    server: Mapping[str, Any] = field(default_factory=dict)
    token: Mapping[str, Any] = field(default_factory=dict)
    takes: str = ""
    gone: bool = False
    on_paper: bool = False
    sabotage: Sabotage | None = None
    disturbance: Disturbance | None = None
