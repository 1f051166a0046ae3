"""Runs in the project's own interpreter, with nothing of ours: gets at the configuration that Alembic is run with.

Handed over as text beside `capture_script`, which imports it by its name here. Most projects run Alembic's own command.
Others have a program that gets something ready first, and then calls it: Flask-Migrate's `flask db`, whose env.py works
within an application alone, or one that puts settings into the configuration. That program is run as it is, asked for
an upgrade, and held where it calls Alembic: what is to be done is done there.
"""

import gc
import os
import runpy
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from alembic import command
from alembic.config import CommandLine, Config
from sqlalchemy.engine import Engine

# What capturing puts before the words of a program that is not Alembic's own.
PROGRAM = "--program"


class _DoneError(BaseException):
    """What was wanted is done: the program must not go on."""


class _Line(CommandLine):
    """Alembic's own command line, which reads its words and runs nothing."""

    config: Config

    def run_cmd(self, config: Config, options: Any) -> None:
        """Keep what was read."""
        del options
        self.config = config


def configured(words: list[str]) -> Config:
    """Return the project's configuration, as Alembic's own command line would, with the scratch database in it."""
    if is_program(words):
        message = f"{' '.join(words[1:])} is not Alembic's own command"
        raise RuntimeError(message)
    line = _Line(prog="alembic")
    line.main(argv=[*words, "upgrade", "heads"])
    return led(line.config)


def led(config: Config) -> Config:
    """Return a configuration with the scratch database in it, where there is one."""
    if url := os.environ.get("GONOGO_SCRATCH_SQLALCHEMY_URL"):
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def is_program(words: list[str]) -> bool:
    """Return whether these are a program's words, and not Alembic's own."""
    return words[:1] == [PROGRAM]


def forget() -> None:
    """Close what a program has opened while it started: copies are made of that database, and others are gone to."""
    for each in gc.get_objects():
        # By its type alone: what is asked for its class may be a proxy that answers with an error.
        if issubclass(type(each), Engine):
            with suppress(Exception):
                each.dispose()


def reach(words: list[str], do: Callable[[Config], Any]) -> Any:
    """Return what comes of doing something with the configuration, where the project's program would upgrade.

    Args:
        words: Alembic's own, or those of the program, which then still stands around whatever is done.
        do: is told the configuration.
    """
    if not is_program(words):
        return do(configured(words))
    program, reached, real = " ".join(words[1:]), list[Any](), command.upgrade

    # As Alembic's own, by which its command line knows it.
    def upgrade(config: Config, revision: str, sql: bool = False, tag: str | None = None) -> None:  # noqa: FBT001, FBT002
        del revision, sql, tag
        command.upgrade = real
        if threading.current_thread() is not threading.main_thread():
            message = f"{program} calls Alembic from a thread: name a command that does not"
            raise RuntimeError(message)
        reached.append(do(led(config)))
        raise _DoneError

    upgrade.__module__, upgrade.__qualname__, command.upgrade = command.__name__, "upgrade", upgrade
    why = "it does not call Alembic's upgrade"
    try:
        _run(words[1:])
    except _DoneError:
        return reached[0]
    except SystemExit as error:
        why = f"it ended with {error.code} before it called Alembic"
    if reached:
        return reached[0]
    message = f"{program} upgrade heads: {why}"
    raise RuntimeError(message)


def _run(words: list[str]) -> None:
    """Run a Python program as its interpreter would, asked for an upgrade."""
    is_module = words[0] == "-m"
    name, *more = words[1:] if is_module else words
    sys.argv = [name, *more, "upgrade", "heads"]
    if is_module:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        sys.path.insert(0, os.path.dirname(os.path.abspath(name)))  # noqa: PTH100, PTH120
        runpy.run_path(name, run_name="__main__")
