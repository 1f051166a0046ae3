"""One pure rule per module: (config, facts) → findings. `ALL` is the explicit list, `BACK` that of a rollback.

No port, no other check, no print.
"""

from gonogo.checks import (
    ci_matches_production,
    commit_is_pushed,
    current_deployment_is_healthy,
    disk_has_room,
    dump_tool_fits_server,
    git_tree_is_clean,
    history_is_sound,
    no_foreign_deployment,
    rollout_is_rolling,
    secrets_are_real,
    token_can_release,
)
from gonogo.protocols import Check

ALL: tuple[Check, ...] = (
    git_tree_is_clean.check,
    commit_is_pushed.check,
    ci_matches_production.check,
    current_deployment_is_healthy.check,
    token_can_release.check,
    no_foreign_deployment.check,
    rollout_is_rolling.check,
    dump_tool_fits_server.check,
    disk_has_room.check,
    secrets_are_real.check,
    history_is_sound.check,
)

# A rollback starts from what may be broken, and goes to what was released already: neither is asked about again.
BACK: tuple[Check, ...] = (
    token_can_release.check,
    no_foreign_deployment.check,
    rollout_is_rolling.check,
    dump_tool_fits_server.check,
    disk_has_room.check,
)
