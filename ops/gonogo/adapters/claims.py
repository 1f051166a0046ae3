"""Copies of data on the scratch server: under a name of ours that one process has claimed, and swept once nobody lives.

Whoever makes one says on it whose it is before it holds anything, and holds a lock for as long as they live: what a
killed process leaves is dropped by the next one, whatever that is there for.
"""

import re
import time

import psycopg
from psycopg import sql

from gonogo.adapters import apart, scratch
from gonogo.errors import RefusedError
from gonogo.model import Secret

_NAME = re.compile(r"gonogo_scratch_[a-z0-9]+")
_PREFIX = "gonogo_scratch_"
# What a copy says of itself, before the name that is locked.
_WORDS = "gonogo trial "
_ELSEWHERE = "set scratch_url or shadow_database_url to a server of its own, for example one in a container"
_LOOK_S = 0.2


def refuse_foreign(name: str) -> None:
    """Refuse a name that does not carry our mark: it may be somebody's.

    Raises:
        RefusedError: it does not.
    """
    if not _NAME.fullmatch(name):
        raise RefusedError("not-a-scratch", f"{name!r} is not a scratch database of ours")


def take(connection: psycopg.Connection, name: str, *, patience_s: float = 0.0) -> bool:
    """Lock a name for this session, and return whether it is ours.

    Args:
        connection: to the scratch server.
        name: of the copy.
        patience_s: how long to wait for whoever has it; a server notices late that a process was killed.
    """
    deadline = time.monotonic() + patience_s
    while not scratch.lock(connection, name):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK_S)
    return True


def sweep(connection: psycopg.Connection) -> None:
    """Drop the copies, each with its clones, whose process is gone."""
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY length(datname) DESC"
    for left in scratch.deserted(connection, _PREFIX, _WORDS):
        # A clone that was being made when its process was killed says nothing yet.
        for (name,) in connection.execute(query, [left]).fetchall():
            if _NAME.fullmatch(name):
                drop(connection, name)


def create(connection: psycopg.Connection, name: str, how: sql.Composable, owner: str) -> None:
    """Make a database that says of itself whose it is, before it holds anything."""
    refuse_foreign(name)
    connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), how))
    scratch.mark(connection, name, _WORDS + owner)


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drop a database of ours with whoever is connected to it."""
    refuse_foreign(name)
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def told(near: apart.Nearness, server: Secret, target: Secret, *, may_share: bool) -> str:
    """Return what there is to say of a scratch server beside its target; empty where they are apart.

    Raises:
        RefusedError: it is no place for a copy.
    """
    if near is apart.Nearness.APART:
        return ""
    message = f"{server.name} leads to the target's own server: it is {near.value} as {target.name}"
    if near is apart.Nearness.SERVER and may_share:
        return f"{message}; whoever uses that has met the trial's load"
    why = "what is tried there loads its server, fills its disk with a copy of the data, and locks what it finds there"
    raise RefusedError("scratch-is-target", message, where=server.name, why=why, hint=_ELSEWHERE)
