"""Wires a release: config → facts → plan → run → report. `wiring` is the one page that names adapters.

May not parse arguments, and prints nothing.
"""

from gonogo.bootstrap.drafting import Draft, draft
from gonogo.bootstrap.foreseeing import Reached, Scope, look_ahead, reach
from gonogo.bootstrap.inspection import back_up, check_backup, examine, foresee_plan, observed, write_contracts
from gonogo.bootstrap.linting import applied, lint_project, migration_setup
from gonogo.bootstrap.locks import Lock, lock, locked, unlock
from gonogo.bootstrap.moving import begun, take_back, upgrade
from gonogo.bootstrap.rehearsing import Asked, Place, keep_rehearsal, rehearse
from gonogo.bootstrap.releases import (
    Archive,
    Stage,
    abandon,
    archive,
    carry_out,
    document,
    frozen,
    page,
    plan,
    refuse_freeze,
    refuse_unfinished,
    tell,
    to_undo,
    unfinished,
    weigh_freeze,
)
from gonogo.bootstrap.rollbacks import go_back
from gonogo.bootstrap.rotating import (
    ROTATED,
    awaits_value,
    begun_rotation,
    give_value,
    last_rotated,
    rotate,
)
from gonogo.bootstrap.standing import Applied, Status, status
from gonogo.bootstrap.wiring import (
    checkouts,
    head,
    jobs,
    load,
    project,
    repository,
    stack_of,
    telegram,
    tokens,
    with_token,
    world,
)

__all__ = [
    "ROTATED",
    "Applied",
    "Archive",
    "Asked",
    "Draft",
    "Lock",
    "Place",
    "Reached",
    "Scope",
    "Stage",
    "Status",
    "abandon",
    "applied",
    "archive",
    "awaits_value",
    "back_up",
    "begun",
    "begun_rotation",
    "carry_out",
    "check_backup",
    "checkouts",
    "document",
    "draft",
    "examine",
    "foresee_plan",
    "frozen",
    "give_value",
    "go_back",
    "head",
    "jobs",
    "keep_rehearsal",
    "last_rotated",
    "lint_project",
    "load",
    "lock",
    "locked",
    "look_ahead",
    "migration_setup",
    "observed",
    "page",
    "plan",
    "project",
    "reach",
    "refuse_freeze",
    "refuse_unfinished",
    "rehearse",
    "repository",
    "rotate",
    "stack_of",
    "status",
    "take_back",
    "telegram",
    "tell",
    "to_undo",
    "tokens",
    "unfinished",
    "unlock",
    "upgrade",
    "weigh_freeze",
    "with_token",
    "world",
    "write_contracts",
]
