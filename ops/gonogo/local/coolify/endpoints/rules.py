"""What may be changed about an application, and the new application's first values."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gonogo.local.coolify.version import NAMES_BY_PATCH, SETTINGS_BY_PATCH, at_least
from gonogo.model import JSON

_COMMIT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._/-]*")
_IMAGE = re.compile(r"([a-z0-9][a-z0-9.-]*(:\d+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(@sha256)?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_COMMAND = re.compile(r"[a-zA-Z0-9 \-_./:=@,+]{1,1000}")
_BUILD_PACKS = ("nixpacks", "railpack", "static", "dockerfile", "dockercompose")
_GRACE_SECONDS = range(1, 3601)

Rule = Callable[[str, Any], Any]

DEFAULTS: Mapping[str, JSON] = {
    "description": None,
    "name": "",
    "status": "exited:unhealthy",
    "server_status": True,
    "build_pack": "dockerfile",
    "git_repository": None,
    "git_branch": "main",
    "git_commit_sha": "HEAD",
    "docker_registry_image_name": None,
    "docker_registry_image_tag": None,
    "fqdn": None,
    "ports_exposes": None,
    "ports_mappings": None,
    "base_directory": "/",
    "watch_paths": None,
    "dockerfile": None,
    "custom_labels": None,
    "custom_docker_run_options": None,
    "health_check_enabled": False,
    "health_check_type": "http",
    "health_check_command": None,
    "health_check_path": "/",
    "health_check_method": "GET",
    "health_check_scheme": "http",
    "health_check_host": "localhost",
    "health_check_port": None,
    "health_check_interval": 5,
    "health_check_timeout": 5,
    "health_check_retries": 10,
    "health_check_start_period": 5,
    "health_check_return_code": 200,
    "health_check_response_text": None,
    "custom_healthcheck_found": False,
    "pre_deployment_command": None,
    "pre_deployment_command_container": None,
    "post_deployment_command": None,
    "post_deployment_command_container": None,
    "swarm_replicas": 1,
    "restart_count": 0,
    "max_restart_count": 10,
    "last_restart_at": None,
    "last_restart_type": None,
    "config_hash": None,
    "last_online_at": None,
    "additional_servers_count": 0,
    "additional_networks_count": 0,
}
SETTINGS: Mapping[str, JSON] = {
    "is_auto_deploy_enabled": False,
    "is_build_server_enabled": False,
    "is_consistent_container_name_enabled": False,
    "custom_internal_name": None,
    "stop_grace_period": None,
    "docker_images_to_keep": 2,
    "use_build_secrets": False,
    "disable_build_cache": False,
    "is_raw_compose_deployment_enabled": False,
    "is_git_shallow_clone_enabled": True,
}
_NAMES = ("is_consistent_container_name_enabled", "custom_internal_name")


def problems(body: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return what is wrong with a change, by key."""
    found = {key: _problem(key, value, version=version) for key, value in body.items()}
    return {key: problem for key, problem in found.items() if problem}


def _problem(key: str, value: object, *, version: str) -> Any:  # a list, or a bare text
    if not _is_known(key, version):
        return ["This field is not allowed."]
    return RULES[key](key, value)


def _is_known(key: str, version: str) -> bool:
    if key in _NAMES:
        return at_least(version, NAMES_BY_PATCH)
    if key in SETTINGS:
        return at_least(version, SETTINGS_BY_PATCH)
    return key in RULES


def _text(key: str, value: object) -> list[str] | None:
    return None if value is None or isinstance(value, str) else [f"The {_words(key)} field must be a string."]


def _flag(key: str, value: object) -> list[str] | None:
    is_flag = isinstance(value, bool) or value in (0, 1, "0", "1")
    return None if is_flag else [f"The {_words(key)} field must be true or false."]


def _whole(key: str, value: object) -> list[str] | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if is_whole else [f"The {_words(key)} field must be an integer."]


def _required(key: str, value: object) -> list[str] | None:
    return [f"The {_words(key)} field is required."] if value is None else _text(key, value)


def _shaped(pattern: re.Pattern[str], *, nullable: bool) -> Rule:
    def rule(key: str, value: object) -> list[str] | None:
        if value is None and nullable:
            return None
        fits = isinstance(value, str) and pattern.fullmatch(value)
        return None if fits else [f"The {_words(key)} field format is invalid."]

    return rule


def _build_pack(key: str, value: object) -> list[str] | None:
    # The server's own list lacks `dockerimage`, although it returns that value.
    return None if value in _BUILD_PACKS else [f"The selected {_words(key)} is invalid."]


def _exposed(key: str, value: object) -> str | None:
    del key
    parts = str(value or "").split(",")
    return (
        None
        if all(part.isdigit() for part in parts)
        else "The ports_exposes should be a comma separated list of numbers."
    )


def _mapped(key: str, value: object) -> str | None:
    del key
    hosts = [part.split(":")[0] for part in str(value or "").split(",") if part]
    return None if len(set(hosts)) == len(hosts) else "The first number before : should be unique between mappings."


def _grace(key: str, value: object) -> list[str] | None:
    fits = value is None or (isinstance(value, int) and value in _GRACE_SECONDS)
    return None if fits else [f"The {_words(key)} field must be between 1 and 3600."]


def _words(key: str) -> str:
    return key.replace("_", " ")


_BY_TYPE: Mapping[type, Rule] = {bool: _flag, int: _whole, str: _text, type(None): _text}
_READ_ONLY = frozenset(
    (
        "status", "server_status", "restart_count", "last_restart_at", "last_restart_type", "config_hash", "dockerfile",
        "last_online_at", "additional_servers_count", "additional_networks_count", "custom_healthcheck_found", "fqdn",
    )
)  # fmt: skip
RULES: Mapping[str, Rule] = {
    **{key: _BY_TYPE[type(default)] for key, default in {**DEFAULTS, **SETTINGS}.items() if key not in _READ_ONLY},
    "name": _required,
    "build_pack": _build_pack,
    "git_commit_sha": _shaped(_COMMIT, nullable=False),
    "docker_registry_image_name": _shaped(_IMAGE, nullable=True),
    "docker_registry_image_tag": _shaped(_TAG, nullable=True),
    "health_check_command": _shaped(_COMMAND, nullable=True),
    "ports_exposes": _exposed,
    "ports_mappings": _mapped,
    "stop_grace_period": _grace,
    "domains": _text,
    "force_domain_override": _flag,
}
