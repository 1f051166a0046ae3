"""Where Coolify's settings are: each one's own name, and the place in Coolify's pages where it is changed. Pure."""

# Below an application: Configuration.
_PLACES = {
    "ports_mappings": "General, Port Mappings",
    "ports_exposes": "General, Ports Exposes",
    "build_pack": "General, Build Pack",
    "custom_docker_run_options": "General, Custom Docker Options",
    "docker_registry_image_tag": "General, Docker Image Tag",
    "pre_deployment_command": "General, Pre-deployment",
    "post_deployment_command": "General, Post-deployment",
    "is_consistent_container_name_enabled": "Advanced, Consistent Container Names",
    "custom_internal_name": "Advanced, Custom Container Name",
    "is_auto_deploy_enabled": "Advanced, Auto Deploy",
    "stop_grace_period": "Advanced, Stop Grace Period",
    "max_restart_count": "Advanced, Max Restart Count",
    "git_commit_sha": "Git Source, Commit SHA",
    "additional_servers_count": "Servers",
    "swarm_replicas": "Swarm, Replicas",
}
_PAGES = {"health_check_": "Healthcheck", "docker_registry_": "General", "git_": "Git Source", "ports_": "General"}


def of(setting: str) -> str:
    """Return a setting with the place where it is changed, ready for a hint."""
    page = next((page for start, page in _PAGES.items() if setting.startswith(start)), "Configuration")
    return f"{setting} (in Coolify: {_PLACES.get(setting, page)})"


VARIABLES = "in Coolify: Environment Variables"
