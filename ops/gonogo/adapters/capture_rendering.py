"""Runs in the project's own interpreter, with nothing of ours: what a revision would send, without a server.

Handed over as text beside `capture_script`, which imports it by its name here.
"""

import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import bindparam, text
from sqlalchemy.sql.ddl import DDLElement


class TooLongError(BaseException):
    """A revision does not end; no project's `except Exception` may hold it back."""


class Limit:
    """How long a revision may take."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self.seconds = 0.0

    def begin(self) -> None:
        """Let the time run."""
        signal.setitimer(signal.ITIMER_REAL, self.seconds, 1.0 if self.seconds else 0.0)

    def end(self) -> None:
        """Stop it."""
        signal.setitimer(signal.ITIMER_REAL, 0.0)

    def passed(self, number: int, frame: FrameType | None) -> None:
        """End what is running; again each second, for what tries anew."""
        del number, frame
        message = f"it did not end within {self.seconds:g} s, and was stopped"
        raise TooLongError(message)


LIMIT = Limit()


def render(module: Any) -> tuple[list[list[Any]], str]:
    """Return what a revision would send, without a server; and why not, where that cannot be told."""
    context = _Unsent(dialect_name="postgresql")
    problem = ""
    LIMIT.begin()
    try:
        with Operations.context(context.migration):
            module.upgrade()
    except (Exception, SystemExit, TooLongError) as error:  # a revision may raise anything
        problem = words(error)
    finally:
        LIMIT.end()
    return context.statements, problem


class _Unsent(io.TextIOBase):
    """Takes what Alembic would write into a script, with the line that it comes from."""

    def __init__(self, *, dialect_name: str) -> None:
        self.statements: list[list[Any]] = []
        self._alone = False
        self._transaction = 0
        options = {"as_sql": True, "output_buffer": self, "transactional_ddl": True, "literal_binds": True}
        self.migration = MigrationContext.configure(dialect_name=dialect_name, opts=options)
        # Inside a revision there is a transaction, which `autocommit_block` leaves and enters again.
        self.migration._in_external_transaction = False
        self.migration._transaction = _Open()  # type: ignore[assignment]
        _answer_nothing(self.migration.connection)
        self.migration.impl._exec = self._exec  # type: ignore[method-assign]
        self.migration.impl.bulk_insert = self._insert  # type: ignore[assignment,method-assign]

    def _exec(self, construct: Any, *_: Any, **__: Any) -> None:
        """Note a construct with its parameters' names: Alembic would write NULL for a value that it is not told."""
        made = text(construct) if isinstance(construct, str) else construct
        # DDL has nothing to render late, and SQLAlchemy 1.4 refuses to be asked.
        late = {} if isinstance(made, DDLElement) else {"render_postcompile": True}
        compiled = made.compile(dialect=self.migration.impl.dialect, compile_kwargs=late)
        self.write(str(compiled) if compiled.params else plain(str(compiled), compiled.dialect))

    def _insert(self, table: Any, rows: Any, *, multiinsert: bool = True) -> None:
        """Note new rows by their columns: few of their values can be written out."""
        del multiinsert
        for columns in dict.fromkeys(tuple(row) for row in rows):
            self._exec(table.insert().values({name: bindparam(name) for name in columns}))

    def write(self, written: str) -> int:
        """Note a statement."""
        sql = written.strip().removesuffix(";").strip()
        if sql in {"BEGIN", "COMMIT"} and _is_alembics():
            self._alone = sql == "COMMIT"
            self._transaction += sql == "BEGIN"
        elif sql:
            self.statements.append([sql, _revision_line(), None if self._alone else self._transaction])
        return len(written)


class _Open:
    """A transaction that Alembic may end: nothing is sent."""

    is_valid = is_active = True

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""


class _Nothing:
    """What a query finds where nothing is sent: no row."""

    rowcount = 0

    def __iter__(self) -> Iterator[Any]:
        """Yield nothing."""
        return iter(())

    def __getattr__(self, name: str) -> Any:
        """Answer what a result is asked: one row is None, all rows are none."""
        is_one = name in {"scalar", "first", "fetchone", "one_or_none", "scalar_one_or_none"}
        return lambda *_, **__: None if is_one else self if name in {"scalars", "mappings"} else []


def _answer_nothing(connection: Any) -> None:
    """Let a connection that sends nothing find nothing, instead of no answer at all."""
    send = connection.execute

    def execute(*arguments: Any, **options: Any) -> _Nothing:
        send(*arguments, **options)
        return _Nothing()

    connection.execute = connection.exec_driver_sql = execute


def _is_alembics() -> bool:
    """Return whether Alembic itself begins or ends the transaction, and no statement of the revision."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(4):
        if frame is not None and frame.f_code.co_name in {"emit_begin", "emit_commit"}:
            return True
        frame = frame.f_back if frame is not None else None
    return False


def _revision_line() -> int:
    """Return the line within the innermost upgrade that is running."""
    frame: FrameType | None = sys._getframe(2)
    frames = []
    while frame is not None and frame.f_code.co_name != "render":
        frames.append(frame)
        frame = frame.f_back
    if not frames or frame is None:
        return 0
    own = frames[-1].f_code.co_filename
    return next((each.f_lineno for each in frames if each.f_code.co_filename == own), 0)


def plain(statement: str, dialect: Any) -> str:
    """Return a statement as the server gets it: a driver that takes its parameters by `%` wants each `%` twice."""
    return statement.replace("%%", "%") if dialect.paramstyle in {"format", "pyformat"} else statement


def words(error: BaseException) -> str:
    """Return what went wrong, in a line."""
    own = str(getattr(error, "orig", None) or error).strip().splitlines() or [_place(error)]
    return f"{type(error).__name__}: {own[0]}".strip()[:400]


def _place(error: BaseException) -> str:
    """Return where an error that says nothing comes from: a bare assertion has no other words."""
    for frame in traceback.extract_tb(error.__traceback__)[-1:]:
        return f"{frame.line} ({os.path.relpath(frame.filename)}:{frame.lineno})"
    return ""
