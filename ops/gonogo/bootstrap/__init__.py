"""Wires a release: config → facts → plan → run → report. `wiring` is the one page that names adapters.

May not parse arguments, and prints nothing.
"""

from gonogo.bootstrap.inspection import back_up, examine, foresee, foresee_plan, observed, write_contracts
from gonogo.bootstrap.linting import applied, lint_project, migration_setup
from gonogo.bootstrap.locks import Lock, lock, locked, unlock
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
    "Archive",
    "Lock",
    "Stage",
    "abandon",
    "applied",
    "archive",
    "back_up",
    "carry_out",
    "checkouts",
    "document",
    "examine",
    "foresee",
    "foresee_plan",
    "frozen",
    "go_back",
    "head",
    "jobs",
    "lint_project",
    "load",
    "lock",
    "locked",
    "migration_setup",
    "observed",
    "page",
    "plan",
    "project",
    "refuse_freeze",
    "refuse_unfinished",
    "repository",
    "stack_of",
    "telegram",
    "tell",
    "to_undo",
    "tokens",
    "unfinished",
    "unlock",
    "weigh_freeze",
    "with_token",
    "world",
    "write_contracts",
]
