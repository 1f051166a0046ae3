"""Wires a release: config → facts → plan → run → report. `wiring` is the one page that names adapters.

May not parse arguments, and prints nothing.
"""

from gonogo.bootstrap.drafting import Draft, draft
from gonogo.bootstrap.foreseeing import Reached, Scope, look_ahead, reach
from gonogo.bootstrap.inspection import back_up, check_backup, examine, foresee_plan, observed, write_contracts
from gonogo.bootstrap.linting import applied, lint_project, migration_setup
from gonogo.bootstrap.locks import Lock, lock, locked, unlock
from gonogo.bootstrap.moving import begun, take_back, upgrade
from gonogo.bootstrap.physical import check_physical, is_physical, recover, route, take_physical, wal_facts
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
    "back_up",
    "begun",
    "carry_out",
    "check_backup",
    "check_physical",
    "checkouts",
    "document",
    "draft",
    "examine",
    "foresee_plan",
    "frozen",
    "go_back",
    "head",
    "is_physical",
    "jobs",
    "keep_rehearsal",
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
    "recover",
    "refuse_freeze",
    "refuse_unfinished",
    "rehearse",
    "repository",
    "route",
    "stack_of",
    "status",
    "take_back",
    "take_physical",
    "telegram",
    "tell",
    "to_undo",
    "tokens",
    "unfinished",
    "unlock",
    "upgrade",
    "wal_facts",
    "weigh_freeze",
    "with_token",
    "world",
    "write_contracts",
]
