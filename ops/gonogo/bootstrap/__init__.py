"""Wires a release: config → facts → plan → run → report. `wiring` is the one page that names adapters.

May not parse arguments, and prints nothing.
"""

from gonogo.bootstrap.drilling import Drilled, Tools, drill
from gonogo.bootstrap.foreseeing import reach, trial_of
from gonogo.bootstrap.inspection import back_up, check_backup, examine, foresee_plan, observed, write_contracts
from gonogo.bootstrap.issuing import telegram, tokens
from gonogo.bootstrap.keeping import check_copy, push_taken, schedule_wish, to_prune
from gonogo.bootstrap.keeping import fetch as fetch_backup
from gonogo.bootstrap.keeping import prune as prune_backups
from gonogo.bootstrap.keeping import push as push_backup
from gonogo.bootstrap.keeping import show as show_backups
from gonogo.bootstrap.linting import applied, migration_setup
from gonogo.bootstrap.locks import Lock, lock, locked, unlock
from gonogo.bootstrap.moving import begun, take_back, upgrade
from gonogo.bootstrap.physical import (
    check_physical,
    count_physical,
    is_physical,
    recover,
    route,
    take_physical,
    wal_facts,
)
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
from gonogo.bootstrap.restores import Wanted, restore
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
from gonogo.bootstrap.storing import vault
from gonogo.bootstrap.trees import checkouts, head, repository
from gonogo.bootstrap.wiring import clock, jobs, load, project, stack_of, with_token, world

__all__ = [
    "ROTATED",
    "Applied",
    "Archive",
    "Asked",
    "Drilled",
    "Lock",
    "Place",
    "Stage",
    "Status",
    "Tools",
    "Wanted",
    "abandon",
    "applied",
    "archive",
    "awaits_value",
    "back_up",
    "begun",
    "begun_rotation",
    "carry_out",
    "check_backup",
    "check_copy",
    "check_physical",
    "checkouts",
    "clock",
    "count_physical",
    "document",
    "drill",
    "examine",
    "fetch_backup",
    "foresee_plan",
    "frozen",
    "give_value",
    "go_back",
    "head",
    "is_physical",
    "jobs",
    "keep_rehearsal",
    "last_rotated",
    "load",
    "lock",
    "locked",
    "migration_setup",
    "observed",
    "page",
    "plan",
    "project",
    "prune_backups",
    "push_backup",
    "push_taken",
    "reach",
    "recover",
    "refuse_freeze",
    "refuse_unfinished",
    "rehearse",
    "repository",
    "restore",
    "rotate",
    "route",
    "schedule_wish",
    "show_backups",
    "stack_of",
    "status",
    "take_back",
    "take_physical",
    "telegram",
    "tell",
    "to_prune",
    "to_undo",
    "tokens",
    "trial_of",
    "unfinished",
    "unlock",
    "upgrade",
    "vault",
    "wal_facts",
    "weigh_freeze",
    "with_token",
    "world",
    "write_contracts",
]
