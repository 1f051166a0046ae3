"""The faults of the stand-in: a table, one row each.

A fault applies to the deployments of one commit only, so that the way back to another commit works.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.local.coolify.records import Switched

_NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One way in which a deployment goes wrong.

    Attributes:
        service: the application that it hits.
        summary: what really happens, for people.
        environment: variables that the new container gets instead; None takes one away.
        stale_build: the container that runs now is built again instead of the commit.
    """

    name: str
    service: str
    summary: str
    environment: Mapping[str, str | None] = field(default_factory=dict)
    stale_build: bool = False


TABLE: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            name="api-unhealthy",
            service="api",
            summary="the new API cannot reach its database, so it never becomes ready",
            environment={"DATABASE_URL": _NO_DATABASE},
        ),
        Fault(
            name="api-wrong-version",
            service="api",
            summary="the deployment finishes, and the old version runs again",
            stale_build=True,
        ),
        Fault(
            name="worker-crash",
            service="worker",
            summary="the new worker lacks a setting and ends again and again; the deployment finishes",
            environment={"DATABASE_URL": None},
        ),
    )
}


def hitting(switched: tuple[Switched, ...], *, service: str, commit: str) -> tuple[Fault, ...]:
    """Return the faults that hit a deployment of this commit to this service."""
    return tuple(TABLE[item.name] for item in switched if item.commit == commit and TABLE[item.name].service == service)


def changed(environment: Mapping[str, str], faults: tuple[Fault, ...]) -> dict[str, str]:
    """Return an environment with the faults' changes in it."""
    merged: dict[str, str | None] = dict(environment)
    for fault in faults:
        merged.update(fault.environment)
    return {key: value for key, value in merged.items() if value is not None}
