"""The port `Trials`: a copy on the scratch server, and everything that is tried on it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from gonogo.adapters.capture_extensions import told
from gonogo.adapters.capturing import is_wrong_driver
from gonogo.adapters.trials import climbing, copies, tracing
from gonogo.adapters.trials.child import Child, Project, Runner, started
from gonogo.adapters.trials.copies import Copies, Copy
from gonogo.adapters.trials.load import Pressure
from gonogo.adapters.trials.tracing import Trace
from gonogo.errors import GonogoError, RefusedError
from gonogo.model import Climbed, Commands, Limits, Outlived, Secret, Trial, TrialWish
from gonogo.protocols import Elders


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyTrials:
    """Trials on restored copies.

    Attributes:
        commands: how the project runs its Alembic.
        scratch_url: the server that copies live on.
        limits: what a migration meets in production.
        elders: what starts earlier releases; None where nothing can.
        target: whose server must not be the place of a trial; None where nothing can be hurt.
        may_share: whether it may be, as long as it is another database.
        pressure: what reads and writes beside a migration.
        variables: what the project's env.py wants beside the database's URL.
        say: told what is being tried.
    """

    commands: Commands
    scratch_url: Secret
    limits: Limits
    elders: Elders | None = None
    target: Secret | None = None
    may_share: bool = False
    pressure: Pressure = field(default_factory=Pressure)
    variables: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = lambda _: None

    def hold(self, wish: TrialWish) -> Trial:
        """Restore the copy, migrate it while others read and write, take it back, let the earlier release live on it.

        Raises:
            RefusedError: there can be no trial, and so no word on what would happen.
            UnreachableError: the scratch server does not answer.
        """
        if not wish.pending:
            raise RefusedError("nothing-pending", "there is nothing to try: no revision is pending")
        project = Project(checkout=wish.checkout, commands=self.commands, limits=self.limits, variables=self.variables)
        with (
            self._held(wish.scratch) as scratch,
            scratch.original(wish.backup) as original,
            started(project, database=original.url) as runner,
        ):
            _bring_to_start(runner, original, wish)
            return self._tried(runner, scratch, wish, _settle(original))

    def clear(self, scratch: str) -> None:
        """Drop what a trial of this name may have left.

        Raises:
            RefusedError: the name is none of ours, or the trial is still under way.
            UnreachableError: the scratch server does not answer.
        """
        with self._held(scratch) as held:
            held.clear()

    def _held(self, name: str) -> AbstractContextManager[Copies]:
        """Return the scratch server for a trial of this name."""
        return copies.held(self.scratch_url, name, target=self.target, may_share=self.may_share)

    def _tried(self, runner: Runner, scratch: Copies, wish: TrialWish, size: int) -> Trial:
        """Return what came of each experiment, each on a copy of its own."""
        self.say(f"the copy is at {wish.start or 'the empty schema'}: migrating under load")
        with scratch.clone("t") as copy:
            trace = tracing.trace(runner, copy.url, wish.pending, self.pressure)
        self.say(f"{sum(not each.problem for each in trace.traced)} applied: next, each one down and up again")
        outlived = self._outlived(runner, scratch, wish, trace)
        return Trial(
            at=datetime.now(UTC),
            backup=wish.backup.name if wish.backup else "",
            server_version=scratch.version,
            database_bytes=size,
            traced=trace.traced,
            climbed=_climbed(runner, scratch, wish, trace),
            outlived=outlived,
            notes=(*_notes(scratch, wish), *trace.notes, *self._unlived(wish)),
        )

    def _outlived(self, runner: Runner, scratch: Copies, wish: TrialWish, trace: Trace) -> Outlived | None:
        """Return whether the earlier release lives on the newer schema; None where nobody can tell."""
        if wish.previous is None or self.elders is None:
            return None
        commit = wish.previous.commit
        if not trace.is_whole:
            return Outlived(commit=commit, runs=None, why="the migrations fail on the copy")
        with scratch.clone("n") as copy:

            def migrate() -> None:
                with runner.on(copy.url) as child:
                    if problem := child.upgrade(wish.pending[-1].id):
                        raise RefusedError("migration-failed", f"the migration failed on the copy: {problem}")

            try:
                ids = [each.id for each in wish.pending]
                return self.elders.outlive(wish.previous, copy.secret, migrate=migrate, pending=ids)
            except GonogoError as error:
                return Outlived(commit=commit, runs=None, why=error.message)

    def _unlived(self, wish: TrialWish) -> Iterator[str]:
        if wish.previous is None:
            yield "no earlier release was let live on the new schema: nobody knows which one runs now"
        elif self.elders is None:
            yield "the earlier release was not let live on the new schema: nothing here can start it"


def _bring_to_start(runner: Runner, original: Copy, wish: TrialWish) -> None:
    """Make sure that the copy is where the trial begins, and find the driver that env.py wants.

    Raises:
        RefusedError: env.py does not run, the backup is of another revision, or a migration before the pending fails.
    """
    problem = ""
    for scheme in runner.project.schemes:
        runner.scheme = scheme
        with runner.on(original.url) as child:
            seen = child.obey({"verb": "current"})
            problem = str(seen["problem"])
            if not problem:
                _begin(child, seen["current"], wish)
                return
        if not is_wrong_driver(problem):
            break
    where = runner.project.commands.migrations
    raise RefusedError("env-fails", f"env.py does not run on a copy: {problem}", where=where)


def _begin(child: Child, current: list[str], wish: TrialWish) -> None:
    """Migrate an empty copy to the start, or hold a restored one against it."""
    if wish.backup is None and wish.start is not None:
        came = child.obey({"verb": "upgrade", "revision": wish.start})
        if came["problem"]:
            message = f"an empty database cannot be migrated to {wish.start}: {came['problem']}"
            hint = "mend that revision, or begin with data: a backup, by --env NAME"
            raise RefusedError("trial-start-fails", message, where=str(came.get("at") or wish.start), hint=hint)
        current = child.obey({"verb": "current"}).get("current", [])
    if current != ([wish.start] if wish.start else []):
        found = ", ".join(current) or "no revision"
        message = f"the copy is at {found}, and not at {wish.start or 'the empty schema'}"
        name = wish.backup.name if wish.backup else wish.scratch
        raise RefusedError("trial-start-differs", message, where=name, hint="invoke backup.run")


def _settle(original: Copy) -> int:
    """Let the server count what it has, as it has in production, and return its size."""
    with psycopg.connect(original.url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def _climbed(runner: Runner, scratch: Copies, wish: TrialWish, trace: Trace) -> tuple[Climbed, ...]:
    """Return the stairway of the revisions that could be applied, newest first."""
    whole = [each for each in trace.traced if not each.problem]
    if not whole:
        return ()
    return climbing.climb(runner, scratch, wish.pending[: len(whole)], trace, wish.start)


def _notes(scratch: Copies, wish: TrialWish) -> Iterator[str]:
    if scratch.note:
        yield scratch.note
    if wish.backup is None:
        yield "there was no backup: on empty tables nothing takes long, and no value can be lost"
        return
    for extension in scratch.stood_in:
        yield f"the scratch server lacks {told(extension)}"
    if roles := scratch.missing_roles(wish.backup):
        named = ", ".join(roles)
        yield (
            f"the scratch server has no role {named}: policies are not on the copy, and a revision that names the role "
            "fails there; to have it: psql -d postgres -f globals.sql, of the backup"
        )
    majors = [version.partition(".")[0] for version in (scratch.version, wish.backup.server_version)]
    if majors[0] != majors[1]:
        yield f"the scratch server is PostgreSQL {majors[0]}, the target's is {majors[1]}: times and locks may differ"
