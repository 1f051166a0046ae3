"""The run: each revision in its transaction, tried again where nothing of it was kept, looked at when it has landed."""

import functools
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from sqlalchemy import event
from sqlalchemy.engine import Connection

from gonogo_migrator import online
from gonogo_migrator.blockers import in_words
from gonogo_migrator.errors import GaveUpError, MigratorError, StoppedError
from gonogo_migrator.record import Record
from gonogo_migrator.sessions import Kept, ask, named, raw_of, said, sqlstate
from gonogo_migrator.settings import Settings
from gonogo_migrator.stopping import Stop
from gonogo_migrator.turn import Turn
from gonogo_migrator.watch import Watch

_logger = logging.getLogger("alembic.runtime.migration")
# Lock timeout, deadlock, serialization failure (PostgreSQL, appendix A): the same may succeed a moment later.
_PASSING = {"55P03", "40P01", "40001"}
_LONGEST_PAUSE_S = 10.0


@dataclass(kw_only=True, slots=True)
class Revision:
    """A revision under way.

    Attributes:
        id: Its name.
        direction: up or down.
        is_rerunnable: Whether it says of itself that a part of it may run twice.
        attempts: How often it has begun.
        first: When it began first, on the monotonic clock.
        started: When this attempt began.
        transaction: The number of the transaction that it began in.
        is_alone: Whether it is in an autocommit block now.
        begun: The mark of an earlier run that was broken off, as SQL; None without one.
        is_over: Whether its own part is done, and Alembic's version row written.
    """

    id: str
    direction: str
    is_rerunnable: bool
    attempts: int = 0
    first: float = 0.0
    started: float = 0.0
    transaction: int = 0
    is_alone: bool = False
    begun: str | None = None
    is_over: bool = False


class Run:
    """One call of Alembic that moves the schema, on a connection that is in no transaction yet."""

    def __init__(self, connection: Connection, settings: Settings, *, turn: Turn, watch: Watch, stop: Stop) -> None:
        """Prepare the session; nothing has moved."""
        self._connection = connection
        self._settings = settings
        self._turn, self._watch, self._stop = turn, watch, stop
        self._steps: deque[MigrationStep] | None = None
        self._running: Revision | None = None
        self._heads: set[str] = set()
        self._is_unlimited = False
        self._pid: int = ask(raw_of(connection), "SELECT pg_backend_pid()")[0][0]
        self._kept, self._former = Kept(raw_of(connection)), ""
        event.listen(connection, "before_cursor_execute", self._before_statement)
        event.listen(connection, "commit", self._before_commit)

    def go(self, context: MigrationContext, migrate: Callable[[], None]) -> None:
        """Migrate.

        Args:
            context: Alembic's, configured for the connection.
            migrate: runs the migrations that the context has.

        Raises:
            GaveUpError: a lock was not to be had.
            StoppedError: somebody asked to stop.
            MigratorError: a revision did what loses its version or leaves an INVALID index.
        """
        self._context = context
        self._version = named(context.version_table_schema, context.version_table)
        self._record = Record(schema=context.version_table_schema, by=self._settings.by)
        self._invalid = {oid for oid, _ in self._turn.session.rows(online.INVALID)}
        self._plain_block = context.autocommit_block
        context.autocommit_block = self._block  # type: ignore[method-assign]
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, self._applied)
        planned = context.opts["fn"]
        # Alembic has no other way in: `configure(fn=…)` would not let us ask the function that it replaces.
        vars(context)["_migrations_fn"] = lambda heads, _: self._remaining(lambda: planned(heads, context), heads)
        while True:
            try:
                return migrate()
            except Exception as error:  # noqa: BLE001  # a revision may raise anything; it is raised again
                self._recover(error)

    # What Alembic asks: the steps, one at a time. Between two of them nothing is open.

    def _remaining(self, plan: Callable[[], Iterable[MigrationStep]], heads: Iterable[str]) -> Iterator[MigrationStep]:
        if self._steps is None:  # once: "+1" would mean another one after a retry
            self._steps = deque(self._prepared(step) for step in plan())
            self._heads = set(heads)
            if self._settings.record and any(isinstance(step, RevisionStep) for step in self._steps):
                self._record.prepare(self._turn.session)
        while self._steps:
            self._stop.check()
            yield self._steps[0]
            is_kept = self._turn.is_kept()
            self._landed()
            self._steps.popleft()
            self._running = None
            if not is_kept and self._steps:
                raise GaveUpError(
                    "the connection that holds the right to migrate was lost, so another migration may have begun; "
                    f"stopped between two revisions, {self._stands()}; run it again"
                )

    def _prepared(self, step: MigrationStep) -> MigrationStep:
        if not isinstance(step, RevisionStep):
            return step
        plain, direction = step.migration_fn, "up" if step.is_upgrade else "down"
        rerunnable = bool(getattr(step.revision.module, "rerunnable", False))
        revision = Revision(id=step.revision.revision, direction=direction, is_rerunnable=rerunnable)

        @functools.wraps(plain)
        def migrate(**options: Any) -> None:
            self._begin(revision)
            plain(**options)

        step.migration_fn = migrate
        return step

    def _begin(self, revision: Revision) -> None:
        now = time.monotonic()
        revision.first, revision.started = revision.first or now, now
        revision.attempts += 1
        revision.is_over, revision.is_alone = False, False
        raw = raw_of(self._connection)
        # Again for each: one before may have set its own. Alone, in a run of its own, this one would not have them.
        if changed := self._kept.restore(raw):
            what = f"{self._former} changed {', '.join(changed)} for its whole session"
            _logger.warning("%s: set back before %s.", what, revision.id)
        self._former = revision.id
        online.limit(raw, self._settings, online=False)
        self._is_unlimited = False
        revision.transaction = ask(raw, "SELECT txid_current()")[0][0]
        self._running = revision
        self._watch.begin(self._pid)

    def _applied(self, *, heads: set[str], **_: Any) -> None:
        """Alembic has written the version row, and commits next."""
        self._heads = {str(each) for each in heads}
        if not (revision := self._running):
            return
        raw = raw_of(self._connection)
        if invalid := online.new_invalid(ask(raw, online.INVALID), self._invalid):
            raise MigratorError(
                f"{revision.id} leaves the INVALID index {invalid}, so it is not recorded as applied; "
                "run it again: what is INVALID is dropped and built again"
            )
        seconds = time.monotonic() - revision.started
        self._record.finish(raw, revision.id, revision.direction, attempts=revision.attempts, seconds=seconds)
        revision.is_over = True
        self._watch.end()

    def _landed(self) -> None:
        """Look from outside whether the version row says what was run: only that is committed."""
        found = self._found()
        if found != self._heads:
            name = self._running.id if self._running else "the stamp"
            raise MigratorError(
                f"{name} has run, but the version table says {_listed(found)} and not {_listed(self._heads)}: it ended "
                "Alembic's own transaction (a commit or rollback inside), or somebody else wrote the table; "
                f"look at what {name} did, then run `alembic stamp` with the revision that the schema is at"
            )

    # What a revision does.

    @contextmanager
    def _block(self) -> Iterator[None]:
        """Alembic's autocommit block, noted: what it commits is not taken back."""
        revision = self._running
        if revision is None:
            with self._plain_block():
                yield
            return
        block: AbstractContextManager[None] = self._plain_block()
        revision.is_alone = True
        try:
            with block:
                if self._record.begin(raw_of(self._connection), revision.id, revision.direction):
                    begun = self._record.begun(revision.id, revision.direction)
                    revision.begun = begun and begun.format(column="xmin")
                yield
        finally:
            revision.is_alone = False

    def _before_statement(self, *arguments: Any) -> None:
        """Lift the limits for a statement that runs beside everybody, and set them again for every other."""
        if (revision := self._running) is None:
            return
        self._stop.check()
        sql, raw = online.plain(str(arguments[2])), raw_of(self._connection)
        is_online = online.is_online(sql, alone=revision.is_alone)
        if is_online and revision.is_alone:
            online.make_way(raw, sql, begun=revision.begun, stop=self._stop)
        if is_online is not self._is_unlimited:
            online.limit(raw, self._settings, online=is_online)
            self._is_unlimited = is_online

    def _before_commit(self, _: Connection) -> None:
        revision = self._running
        if revision and not revision.is_alone and not revision.is_over:
            raise MigratorError(
                f"{revision.id} commits inside itself (op.get_bind().commit()), which would lose its row in the "
                "version table: it was rolled back whole; take it out, or use op.get_context().autocommit_block()"
            )

    # What goes wrong.

    def _recover(self, error: Exception) -> None:
        """Return when the revision may be tried again; else say why not."""
        self._watch.end()
        if self._connection.in_transaction():
            with suppress(Exception):  # a connection that is lost has rolled back
                self._connection.rollback()
        revision, self._running = self._running, None
        if self._stop.signal:
            message = f"stopped by {self._stop.signal.name}{self._left()}; {self._stands()}"
            raise StoppedError(message) from error
        if revision is None or isinstance(error, MigratorError):
            raise error
        if sqlstate(error) not in _PASSING:
            error.add_note(f"{revision.id} failed{self._left()}; {self._stands()}")
            raise error
        self._pause(revision, error)

    def _pause(self, revision: Revision, error: Exception) -> None:
        blocked = in_words(self._watch.seen)
        why = ", ".join(each for each in (f"{said(error)} ({sqlstate(error)})", blocked) if each)
        spent = time.monotonic() - revision.first
        pause = _pause_after(revision.attempts)
        if not revision.is_rerunnable and not self._is_whole(revision):
            raise MigratorError(
                f"{revision.id}: {why}; a part had committed{self._left()}; {self._stands()}"
            ) from error
        if revision.attempts >= self._settings.attempts or spent + pause > self._settings.retry_seconds:
            tries = f"{revision.attempts} attempt{'s' if revision.attempts > 1 else ''} in {spent:.1f} s"
            raise GaveUpError(f"{revision.id}: {why}; gave up after {tries}, {self._stands()}") from error
        _logger.warning("%s: %s; trying again in %.1f s, attempt %d.", revision.id, why, pause, revision.attempts + 1)
        self._stop.sleep(pause)

    def _is_whole(self, revision: Revision) -> bool:
        """Return whether the server says that nothing of a revision was kept."""
        status = self._turn.session.one(f"SELECT txid_status({revision.transaction})")
        return bool(status == "aborted") and self._found() == self._heads

    def _left(self) -> str:
        """Return what a broken build left behind, in words."""
        with suppress(Exception):  # said where it can be
            if invalid := online.new_invalid(self._turn.session.rows(online.INVALID), self._invalid):
                return f", leaving the INVALID index {invalid}, which the next run drops and builds again"
        return ""

    def _stands(self) -> str:
        """Return where the schema is, in words."""
        try:
            return f"the schema stands at {_listed(self._found())}"
        except Exception:  # noqa: BLE001  # the server may be gone, and that is not what went wrong first
            return "where the schema stands cannot be read"

    def _found(self) -> set[str]:
        session = self._turn.session
        if session.one("SELECT to_regclass('{}')".format(self._version.replace("'", "''"))) is None:
            return set()
        return {str(each) for (each,) in session.rows(f"SELECT version_num FROM {self._version}")}


def _pause_after(attempts: int) -> float:
    """Return how long to let others work: longer each time, and never the same for two."""
    return float(min(_LONGEST_PAUSE_S, 0.25 * 2 ** min(attempts - 1, 10))) * (0.5 + secrets.randbelow(1000) / 1000)


def _listed(heads: set[str]) -> str:
    return ", ".join(sorted(heads)) or "nothing"
