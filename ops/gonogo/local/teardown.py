"""The end of a stack: nothing of it runs afterwards."""

import shutil
from contextlib import suppress

import psycopg

from gonogo.local import orders, postgres, processes, redis
from gonogo.local.paths import Paths

_SUPERVISOR_GRACE_S = 20
SUPERVISOR = "coolify"


def end(paths: Paths, *, keep_logs: bool) -> None:
    """Stop every part of a stack and remove its files, whatever state a killed run left it in.

    Args:
        paths: the stack.
        keep_logs: the logs of its containers stay.
    """
    if supervisor := processes.find(paths.processes, SUPERVISOR):
        processes.stop(supervisor, grace=_SUPERVISOR_GRACE_S)
    stop_servers(paths)
    remove(paths, keep_logs=keep_logs)


def stop_servers(paths: Paths) -> None:
    """Stop what is not the supervisor: leftovers of it, the database server, Redis."""
    processes.sweep(paths.processes)
    told = orders.read(paths)
    if told and told.database:
        with suppress(psycopg.Error):
            postgres.drop_database(*told.database)
    redis.stop(paths.redis)
    # Also where its folder is gone already: then only the mark in its environment finds it.
    processes.sweep(paths.redis / "processes")
    postgres.stop(paths.postgres)


def remove(paths: Paths, *, keep_logs: bool) -> None:
    """Remove a stack's worktrees and files."""
    if told := orders.read(paths):
        told.checkouts.release()
    if keep_logs:
        _keep_logs(paths)
    else:
        shutil.rmtree(paths.directory, ignore_errors=True)


def _keep_logs(paths: Paths) -> None:
    for name, log in paths.log_files.items():
        kept = paths.logs / f"{name}.log"
        if log.exists() and log != kept:
            shutil.copyfile(log, kept)
    for path in paths.directory.iterdir():
        if path != paths.logs:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
