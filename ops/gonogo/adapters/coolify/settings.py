"""What decides how Coolify deploys an application, by Coolify's own names; and what follows from it."""

import re
from collections.abc import Mapping
from typing import Any

from gonogo.model import JSON
from gonogo.redaction import Redaction

# Beside these, everything scalar below `settings`. What the platform itself changes is left out, and so are secrets.
_NAMES = (
    *("build_pack", "git_repository", "git_branch", "docker_registry_image_name", "docker_registry_image_tag"),
    *("static_image", "install_command", "build_command", "start_command", "base_directory", "publish_directory"),
    *("dockerfile_location", "dockerfile_target_build", "docker_compose_location", "watch_paths"),
    *("docker_compose_custom_start_command", "docker_compose_custom_build_command"),
    *("fqdn", "redirect", "ports_exposes", "ports_mappings", "custom_network_aliases", "custom_docker_run_options"),
    *("pre_deployment_command", "pre_deployment_command_container"),
    *("post_deployment_command", "post_deployment_command_container"),
    *("limits_memory", "limits_memory_swap", "limits_memory_swappiness", "limits_memory_reservation"),
    *("limits_cpus", "limits_cpuset", "limits_cpu_shares", "swarm_replicas", "swarm_placement_constraints"),
    *("additional_servers_count", "additional_networks_count", "max_restart_count", "is_http_basic_auth_enabled"),
)
_PROBE = "health_check_"
_NOT_SET_BY_PEOPLE = re.compile(r"(^|_)(id|uuid)$|_at$|password|secret(?!s$)|token")
# Settings that make Coolify stop the old container before it starts the new one.
_STOP_FIRST = ("is_consistent_container_name_enabled", "custom_internal_name")
_SHAPES = Redaction()


def of(body: Mapping[str, Any]) -> dict[str, JSON]:
    """Return an application's settings, one level deep; what is not set is not there."""
    own = {name: value for name, value in body.items() if name in _NAMES or name.startswith(_PROBE)}
    more = {name: value for name, value in below(body).items() if not _NOT_SET_BY_PEOPLE.search(name)}
    found = {**own, **more}
    return {name: _safe(found[name]) for name in sorted(found) if _is_told(found[name])}


def below(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the nested settings; an empty one is a list, as PHP has it."""
    found = body.get("settings") or {}
    if not isinstance(found, Mapping):
        raise TypeError
    return found


def is_on(value: object) -> bool:
    """Return whether a switch is on; a database may tell it as a number or a word."""
    return value in {True, "1", "true"} if isinstance(value, str | int) else False


def why_stop_first(body: Mapping[str, Any]) -> str:
    """Return the setting that makes deployments stop first; empty when they roll."""
    if body.get("ports_mappings"):
        return "ports_mappings"
    settings = below(body)
    consistent, named = _STOP_FIRST
    if is_on(settings.get(consistent)) or is_on(body.get(consistent)):
        return consistent
    if settings.get(named) or body.get(named):
        return named
    if body.get("build_pack") == "dockercompose":
        return "build pack dockercompose"
    option = re.search(r"(?<!\S)--ip6?(?=[=\s]|$)", str(body.get("custom_docker_run_options") or ""))
    return f"{option[0]} in custom_docker_run_options" if option else ""


def is_health_checked(body: Mapping[str, Any]) -> bool:
    """Return whether a rolling deployment waits for health: by a probe, or by the HEALTHCHECK of a Dockerfile."""
    if _is_swarm(body):
        return False  # docker stack deploy is not waited for
    is_found = is_on(body.get("custom_healthcheck_found")) and body.get("build_pack") != "dockerimage"
    return is_on(body.get("health_check_enabled")) or is_found


def _is_swarm(body: Mapping[str, Any]) -> bool:
    """Return whether the application runs on a swarm, as far as its destination is told."""
    found: Any = body
    for name in ("destination", "server", "settings"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return isinstance(found, Mapping) and any(is_on(found.get(f"is_swarm_{role}")) for role in ("manager", "worker"))


def _is_told(value: object) -> bool:
    """Return whether a value is one that can be compared and says something."""
    return isinstance(value, str | int | float) and value != ""


def _safe(value: Any) -> JSON:  # a scalar
    """Return a value without a password that its URL may hold."""
    return _SHAPES.hidden(value) if isinstance(value, str) else value
