"""Invoke tasks by noun. Each one: parse, call, render, exit.

Nothing heavy is imported when this package loads, so that `invoke --list` is as quick as Invoke itself; the rooms below
are entered when a task runs (docs/adr/0004-tasks-enter-rooms-late.md).
"""

from invoke.collection import Collection

from gonogo.tasks import backup, compat, contracts, deploy, health, jobs, migrate, secrets, stack, telegram, tokens

namespace = Collection(backup, compat, contracts, deploy, health, jobs, migrate, secrets, stack, telegram, tokens)
