"""Every fault, by name, and which of them hit a deployment. May not do I/O."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gonogo.local.coolify.faults import answering, deploying, meddling
from gonogo.local.coolify.faults.fault import Fault, Sabotage
from gonogo.local.coolify.records import Switched

TABLE: Mapping[str, Fault] = MappingProxyType(
    {fault.name: fault for fault in (*deploying.FAULTS, *answering.FAULTS, *meddling.FAULTS)}
)


def hitting(switched: Iterable[Switched], *, service: str, commit: str) -> tuple[Sabotage, ...]:
    """Return what hits a deployment of this commit to this service."""
    return tuple(
        sabotage
        for item in switched
        if (sabotage := TABLE[item.name].sabotage) and item.commit in {"", commit} and meant(item, service)
    )


def meant(switched: Switched, service: str) -> bool:
    """Return whether a fault is meant for a service."""
    return {switched.service, TABLE[switched.name].service} <= {"", service}


def changed(environment: Mapping[str, str], sabotages: Iterable[Sabotage]) -> dict[str, str]:
    """Return an environment with the faults' changes in it."""
    merged: dict[str, str | None] = dict(environment)
    for sabotage in sabotages:
        merged.update(sabotage.environment)
    return {key: value for key, value in merged.items() if value is not None}
