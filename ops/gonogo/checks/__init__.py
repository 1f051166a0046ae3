"""One pure rule per module: (config, facts) → findings. `ALL` is the explicit list, `BACK` that of a rollback.

docs/checks.md tells of each.

No port, no other check, no print.
"""

from gonogo.checks import (
    auto_deploy_is_off,
    backup_is_proven,
    bake_can_conclude,
    ci_matches_production,
    commit_is_pushed,
    coolify_is_supported,
    current_deployment_is_healthy,
    disk_has_room,
    dump_tool_fits_server,
    git_tree_is_clean,
    health_check_is_on,
    history_is_sound,
    image_is_exact,
    no_crash_loop,
    no_deployment_commands,
    no_foreign_deployment,
    one_server_runs_it,
    probe_can_succeed,
    rollout_is_rolling,
    scratch_is_apart,
    secrets_are_apart,
    secrets_are_private,
    secrets_are_real,
    secrets_are_young,
    secrets_reach_services,
    secrets_stay_inside,
    setup_is_unchanged,
    stop_grace_fits,
    token_can_release,
    variables_are_there,
)
from gonogo.protocols import Check, SchemaCheck, SecretCheck

ALL: tuple[Check, ...] = (
    git_tree_is_clean.check,
    commit_is_pushed.check,
    ci_matches_production.check,
    current_deployment_is_healthy.check,
    no_crash_loop.check,
    coolify_is_supported.check,
    token_can_release.check,
    no_foreign_deployment.check,
    auto_deploy_is_off.check,
    rollout_is_rolling.check,
    health_check_is_on.check,
    probe_can_succeed.check,
    stop_grace_fits.check,
    one_server_runs_it.check,
    image_is_exact.check,
    no_deployment_commands.check,
    variables_are_there.check,
    setup_is_unchanged.check,
    dump_tool_fits_server.check,
    scratch_is_apart.check,
    disk_has_room.check,
    backup_is_proven.check,
    secrets_are_real.check,
    secrets_are_young.check,
    secrets_are_apart.check,
    secrets_reach_services.check,
    secrets_stay_inside.check,
    secrets_are_private.check,
    history_is_sound.check,
    bake_can_conclude.check,
)

# Where the schema moves alone, without any code and without the platform.
SCHEMA: tuple[SchemaCheck, ...] = (
    git_tree_is_clean.check,
    history_is_sound.check,
    dump_tool_fits_server.check,
    scratch_is_apart.check,
    disk_has_room.check,
)

# Where nothing is released, and only secrets are looked at.
SECRETS: tuple[SecretCheck, ...] = (
    secrets_are_real.check,
    secrets_are_young.check,
    secrets_are_apart.check,
    secrets_reach_services.check,
    secrets_stay_inside.check,
    secrets_are_private.check,
)

# A rollback starts from what may be broken, and goes to what was released already: neither is asked about again.
BACK: tuple[Check, ...] = (
    coolify_is_supported.check,
    token_can_release.check,
    no_foreign_deployment.check,
    auto_deploy_is_off.check,
    rollout_is_rolling.check,
    health_check_is_on.check,
    probe_can_succeed.check,
    variables_are_there.check,
    dump_tool_fits_server.check,
    disk_has_room.check,
)
