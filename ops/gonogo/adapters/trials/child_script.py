"""Runs in the project's own interpreter, with nothing of ours: migrates a copy and stands still at every statement.

Handed to `python -c` as text, with two descriptors: one that orders come from, one that it speaks on. It reads the
history once, and works on each database in a process of its own. Before and after each statement of a revision, and
before and after each commit or rollback, it says so and waits for an answer, so that whoever listens can look at the
server meanwhile. Its times are those of the system's monotonic clock; it tells when it went on, so that the time spent
standing still can be taken off.
"""

import ast
import inspect
import json
import os
import re
import sys
import textwrap
import time
import traceback
import types
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from alembic import command, op
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Engine

_MARK = "_gonogo_stands_still"


class Line:
    """What is said to whoever listens, and what they answer, a JSON object a line.

    Attributes:
        resumed: when it went on the last time.
    """

    def __init__(self, orders: int, words: int) -> None:
        """Open both ends."""
        self._orders = os.fdopen(orders, encoding="utf-8")
        self._words = os.fdopen(words, "w", encoding="utf-8")
        self.resumed = 0.0

    def hear(self) -> dict[str, Any]:
        """Return the next order; the process ends with whoever gave them."""
        line = self._orders.readline()
        if not line:
            os._exit(75)
        heard: dict[str, Any] = json.loads(line)
        return heard

    def say(self, what: str, **more: Any) -> None:
        """Say something."""
        self._words.write(json.dumps({"what": what, "resumed": self.resumed, **more}) + "\n")
        self._words.flush()

    def stand(self, what: str, *, at: float | None = None, **more: Any) -> None:
        """Say something, and stand still until it is answered."""
        self.say(what, at=time.monotonic() if at is None else at, **more)
        self.hear()
        self.resumed = time.monotonic()


class Watch:
    """Where a run is: which revision, which line, on which sessions."""

    def __init__(self, line: Line, catalog: dict[str, str]) -> None:
        """Begin outside of any revision."""
        self._line = line
        self._catalog = catalog
        self._path = ""
        self._is_muted = False
        self._pids: set[int] = set()

    def begin(self, revision: str, path: str) -> None:
        """Note that a revision begins."""
        context = op.get_context()
        pid = _backend(_raw(context.connection))
        self._pids.add(pid)
        self._path = path
        table = [getattr(context, "version_table_schema", None) or "", getattr(context, "version_table", "")]
        self._line.stand("begin", revision=revision, pid=pid, version_table=table)

    def over(self, revision: str) -> None:
        """Note that it has sent everything, and tell what is there now; its commit may follow."""
        self._line.stand("over")
        self._path = ""
        self._is_muted = True
        seen = {}
        for name, query in self._catalog.items():
            with suppress(Exception):
                seen[name] = [list(row) for row in op.get_bind().exec_driver_sql(query).fetchall()]
        self._is_muted = False
        self._line.stand("left", at=self._line.resumed, revision=revision, **seen)

    def executing(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """Stand still before a statement of a revision."""
        raw = _raw(connection)
        if self._is_watched(raw):
            pid = _backend(raw)
            self._pids.add(pid)
            alone = bool(getattr(raw, "autocommit", False))
            self._line.stand("sending", pid=pid, sql=statement, line=self._number(), alone=alone)

    def executed(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """Stand still after it."""
        if self._is_watched(_raw(connection)):
            self._line.stand("sent")

    def ending(self, end: Callable[[Any], Any], how: str) -> Callable[[Any], Any]:
        """Return the end of a transaction, with a stand before and after it."""

        def ended(connection: Any) -> Any:
            raw = getattr(connection, "dbapi_connection", None) or connection
            if self._is_muted or not self._pids or _backend(raw) not in self._pids:
                return end(connection)
            self._line.stand("ending")
            try:
                return end(connection)
            finally:
                self._line.stand("ended", how=how)

        return ended

    def _is_watched(self, raw: Any) -> bool:
        """Return whether a statement is the revision's: sent from its file, or where Alembic sends them."""
        if self._is_muted or not self._path:
            return False
        return self._number() > 0 or _backend(raw) in self._pids

    def _number(self) -> int:
        """Return the line of the revision that is running; 0 outside of it."""
        frame: FrameType | None = sys._getframe(2)
        line = 0
        while frame is not None:
            if frame.f_code.co_filename == self._path:
                line = frame.f_lineno
                if frame.f_code.co_name != "<module>":
                    return line
            frame = frame.f_back
        return line


def _raw(connection: Any) -> Any:
    """Return the driver's connection behind SQLAlchemy's."""
    pooled = connection.connection
    return getattr(pooled, "dbapi_connection", None) or getattr(pooled, "connection", pooled)


def _backend(raw: Any) -> int:
    """Return the process id of the session behind a driver's connection."""
    drivers: tuple[Any, ...] = (getattr(raw, "driver_connection", None), getattr(raw, "_connection", None), raw)
    for driver in drivers:
        with suppress(Exception):
            return int(driver.info.backend_pid)
        with suppress(Exception):
            return int(driver.get_server_pid())
        with suppress(Exception):
            return int(driver.get_backend_pid())
    with suppress(Exception):
        return int(raw._backend_key_data and int.from_bytes(raw._backend_key_data[:4], "big"))
    return 0


def watch(watch: Watch) -> None:
    """Let SQLAlchemy and Alembic say what they do."""
    event.listen(Engine, "before_cursor_execute", watch.executing)
    event.listen(Engine, "after_cursor_execute", watch.executed)

    def connect(dialect: Any, *_: Any) -> None:
        if not hasattr(dialect, _MARK):
            setattr(dialect, _MARK, True)
            dialect.do_commit = watch.ending(dialect.do_commit, "commit")
            dialect.do_rollback = watch.ending(dialect.do_rollback, "rollback")

    event.listen(Engine, "do_connect", connect)
    plain = RevisionStep.__init__

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        revision, migrate = self.revision, self.migration_fn

        def watched(**more: Any) -> None:
            watch.begin(revision.revision, str(revision.module.__file__))
            migrate(**more)
            watch.over(revision.revision)

        self.migration_fn = watched

    RevisionStep.__init__ = made  # type: ignore[method-assign]


def current(config: Any, scripts: ScriptDirectory) -> list[str]:
    """Return the revisions that the database says it is at, as env.py sees it."""
    found: list[str] = []

    def look(revisions: Any, context: Any) -> list[Any]:
        found.extend(revisions if isinstance(revisions, (tuple, list)) else [revisions] if revisions else [])
        return []

    with EnvironmentContext(config, scripts, fn=look, dont_mutate=True):
        scripts.run_env()
    return found


def told(scripts: ScriptDirectory, revision: str) -> dict[str, Any]:
    """Return what a revision says of its own way back."""
    script = scripts.get_revision(revision)
    down = script.down_revision
    return {
        "reversible": getattr(script.module, "reversible", None),
        "down": list(down) if isinstance(down, (tuple, list)) else [down] if down else [],
        "way": _way(getattr(script.module, "downgrade", None)),
    }


def _way(function: Any) -> str:
    """Return what a downgrade is: `none`, `empty`, `refuses`, or `written`."""
    if function is None:
        return "none"
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return "written"
    steps = [each for each in getattr(tree, "body", []) if not _is_nothing(each)]
    if not steps:
        return "empty"
    return "refuses" if isinstance(steps[0], ast.Raise) else "written"


def _is_nothing(step: ast.stmt) -> bool:
    """Return whether a step does nothing: `pass`, a docstring, an ellipsis."""
    is_word = isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    return is_word or isinstance(step, ast.Pass)


def cause(error: BaseException, lent: Any) -> str:
    """Return the first cause of an error in a line of words, without the values that a server puts into its details."""
    error = lent.first(error)
    if wants := str(lent.unset(error)):
        return wants
    own = getattr(error, "orig", None) or error
    said = re.sub(r"^<class '[^']*'>:\s*", "", str(own).strip()).splitlines()
    named = own.__cause__ if own.__cause__ is not None and type(own).__module__.startswith("sqlalchemy") else own
    line = said[0] if said else ""
    state = str(getattr(own, "sqlstate", None) or getattr(own, "pgcode", None) or "")
    if state.startswith("22"):  # a data exception quotes data in its first line, too
        line = re.sub(r'"[^"]*(?:"|$)', '"…"', line)
    return f"{type(named).__name__}: {line}".strip()[:400]


def obey(order: dict[str, Any], config: Any, scripts: ScriptDirectory, lent: Any) -> dict[str, Any]:
    """Return what came of an order."""
    verb = order["verb"]
    try:
        if verb == "told":
            return {"problem": "", "revisions": {each: told(scripts, each) for each in order["revisions"]}}
        if verb == "current":
            return {"problem": "", "current": current(config, scripts)}
        (command.upgrade if verb == "upgrade" else command.downgrade)(config, order["revision"])
    except SystemExit as error:
        return {"problem": cause(error, lent) if error.code else ""}
    except BaseException as error:  # env.py and revisions may raise anything
        return {"problem": cause(error, lent) or type(error).__name__, "at": raised_at(error, scripts)}
    return {"problem": ""}


def raised_at(error: BaseException, scripts: ScriptDirectory) -> str:
    """Return the revision that an error came up in, with its file's line; empty where it was in none."""
    known = {str(each.module.__file__): each.revision for each in scripts.walk_revisions()}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in known:
            return f"{known[frame.filename]} ({os.path.relpath(frame.filename)}:{frame.lineno})"
    return ""


def serve(line: Line, order: dict[str, Any], config: Any, scripts: ScriptDirectory, lent: Any) -> None:
    """Obey on one database until it is enough."""
    os.environ.update(order["environ"])
    lent.led(config)
    lent.listen(order["database"])
    if order["catalog"] is not None:
        watch(Watch(line, order["catalog"]))
    line.say("done", problem="")
    while (wanted := line.hear())["verb"] != "close":
        line.say("done", **obey(wanted, config, scripts, lent))


def main() -> None:
    """Work in the place where the project runs its Alembic."""
    line = Line(int(sys.argv[1]), int(sys.argv[2]))
    asked = line.hear()
    sys.argv[1:] = []
    lent = types.ModuleType("capture")
    exec(compile(asked["capture"], "capture", "exec"), lent.__dict__)  # noqa: S102  # our own text
    try:
        if lent.is_program(asked["words"]):
            lent.listen(asked["database"])
        lent.reach(asked["words"], lambda config: attend(line, config, lent))
    except (Exception, SystemExit) as error:  # the project's configuration may be anything
        line.say("done", problem=cause(error, lent))


def attend(line: Line, config: Any, lent: Any) -> None:
    """Read the history once; then, for each database, let a copy of this process work on it and end."""
    scripts = ScriptDirectory.from_config(config)
    for _ in scripts.walk_revisions():
        pass
    lent.share(scripts)
    lent.forget()
    line.say("done", problem="")
    while True:
        order = line.hear()
        sys.stdout.flush()
        child = os.fork()
        if not child:
            serve(line, order, config, scripts, lent)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        line.say("done", ended=True, problem=f"the process that runs Alembic ended with {status}" if status else "")


if __name__ == "__main__":
    main()
