"""The project's own Alembic in a process that stays: it migrates a copy, and says at every statement where it is."""

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gonogo.adapters import capturing, processes
from gonogo.adapters.trials import child_script
from gonogo.errors import RefusedError
from gonogo.model import Checkout, Commands, Limits

_LONGEST_S = 3600.0
# What env.py is told while nothing of it is run: modules that it imports may look.
_NOWHERE = "postgresql:///none"
Message = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A checkout whose migrations are run on copies, with the limits that they meet in production.

    Attributes:
        variables: what its env.py wants beside the database's URL.
    """

    checkout: Checkout
    commands: Commands
    limits: Limits
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def schemes(self) -> tuple[str, ...]:
        """Return the URL schemes to try, first the one that the project names."""
        return capturing.schemes(self.checkout.path / self.commands.migrations, self.variables)

    def environ(self, database: str, scheme: str) -> dict[str, str]:
        """Return what env.py is told; whatever it opens by libpq's own variables leads nowhere."""
        own = {key: value for key, value in self.variables.items() if not key.startswith("PG")}
        return {
            **own,
            **capturing.led_to(database, scheme, own),
            "MIGRATION_LOCK_TIMEOUT_MS": str(self.limits.lock_timeout_ms),
            "MIGRATION_STATEMENT_TIMEOUT_MS": str(self.limits.statement_timeout_ms),
        }


class _Talk:
    """What is said to the process, and what it answers."""

    def __init__(self, process: subprocess.Popen[bytes], orders: IO[bytes], words: IO[str], said: IO[bytes]) -> None:
        self._process = process
        self._orders = orders
        self._words = words
        self._said = said

    def ask(self, order: Message, on: Callable[[Message], None]) -> dict[str, Any]:
        """Give an order, and return what came of it."""
        try:
            self._give(order)
            while (message := self._hear())["what"] != "done":
                on(message)
                self._give({})
        except (BrokenPipeError, EOFError):
            return {"problem": self.last_words(), "ended": True}
        if message.get("ended") and message["problem"]:
            message["problem"] = f"{message['problem']}: {self.last_words()}"
        return message

    def last_words(self) -> str:
        """Return the last line that the project printed."""
        self._said.seek(0)
        return processes.last_words(self._said.read().decode(errors="replace"))

    def _give(self, order: Message) -> None:
        self._orders.write(json.dumps(order).encode() + b"\n")

    def _hear(self) -> dict[str, Any]:
        line = self._words.readline()
        if not line:
            raise EOFError
        message: dict[str, Any] = json.loads(line)
        return message


class Child:
    """The process that works on one database; what it does is asked for, one thing after the other."""

    def __init__(self, talk: _Talk) -> None:
        """Take a process that was started."""
        self._talk = talk
        self._problem = ""

    def obey(self, order: Message, on: Callable[[Message], None] = lambda _: None) -> dict[str, Any]:
        """Give an order, and return what came of it.

        Args:
            order: what is to be done.
            on: told each time the process stands still; it goes on when this returns.
        """
        if self._problem:
            return {"problem": self._problem}
        done = self._talk.ask(order, on)
        if done.get("ended"):
            self._problem = str(done["problem"])
        return done

    def upgrade(self, revision: str) -> str:
        """Go up to a revision, and return why not; empty when it is there."""
        return str(self.obey({"verb": "upgrade", "revision": revision})["problem"])

    def downgrade(self, revision: str | None) -> str:
        """Go down to a revision, and return why not; empty when it is there."""
        return str(self.obey({"verb": "downgrade", "revision": revision or "base"})["problem"])


class Runner:
    """The project's history, read once; it is run on one database after the other."""

    def __init__(self, project: Project, talk: _Talk) -> None:
        """Take a process that has read it."""
        self.project = project
        self._talk = talk
        self.scheme = capturing.SCHEMES[0]

    @contextmanager
    def on(self, database: str, *, catalog: Mapping[str, str] | None = None) -> Iterator[Child]:
        """Yield a process that works on a database; it is gone at the end.

        Args:
            database: the copy's URL: every connection of env.py is led to it.
            catalog: queries whose rows are told at the end of each revision; without them nobody is told anything.

        Raises:
            RefusedError: the project's Alembic cannot be run.
        """
        environ = self.project.environ(database, self.scheme)
        child = Child(self._talk)
        opened = child.obey({"verb": "open", "database": database, "environ": environ, "catalog": catalog})
        if opened["problem"]:
            raise RefusedError("trial-breaks-off", str(opened["problem"]), where=self.project.commands.migrations)
        try:
            yield child
        finally:
            child.obey({"verb": "close"})


@contextmanager
def started(project: Project, *, database: str) -> Iterator[Runner]:
    """Yield the project's history, ready to be run; its processes are gone at the end, however that comes.

    Args:
        project: whose.
        database: what its program finds while it starts, where that is not Alembic's own command.

    Raises:
        RefusedError: the project's Alembic cannot be run.
    """
    command = tuple(word.format(python=project.checkout.python) for word in project.commands.migrate)
    interpreter, words = capturing.split_command(command, project.checkout.path)
    asked = {"words": words, "capture": capturing.handed_over(), "database": database}
    with tempfile.TemporaryFile() as said, _running(interpreter, project, said) as talk:
        if problem := talk.ask(asked, lambda _: None)["problem"]:
            where = project.commands.migrations
            message = f"the migrations cannot be read: {problem}"
            raise RefusedError("history-unreadable", message, where=where, hint="set commands.migrate")
        yield Runner(project, talk)


@contextmanager
def _running(interpreter: Sequence[str], project: Project, said: IO[bytes]) -> Iterator[_Talk]:
    """Yield the process with a pipe in each direction; when we die, it reads the end of its orders and ends."""
    orders, to_child = os.pipe()
    from_child, words = os.pipe()
    source = Path(child_script.__file__).read_text(encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with os.fdopen(to_child, "wb", buffering=0) as giving, os.fdopen(from_child, encoding="utf-8") as hearing:
        try:
            process = subprocess.Popen(
                (*interpreter, "-c", source, str(orders), str(words)),
                cwd=project.checkout.path,
                env={**kept, **project.environ(_NOWHERE, capturing.SCHEMES[0])},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                pass_fds=(orders, words),
                start_new_session=True,
            )
        except OSError as error:
            message = f"{interpreter[0]} cannot be run: {error.strerror or error}"
            raise RefusedError("program-missing", message, where="commands.migrate") from None
        finally:
            os.close(orders)
            os.close(words)
        watchdog = threading.Timer(_LONGEST_S, _kill, (process,))
        watchdog.daemon = True
        watchdog.start()
        try:
            yield _Talk(process, giving, hearing, said)
        finally:
            watchdog.cancel()
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started: its work is on a copy that is dropped."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
