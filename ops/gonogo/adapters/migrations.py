"""Alembic, run from the release's own checkout; and squawk, which reads its SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import Script, ScriptDirectory

from gonogo.adapters import capturing, processes, squawk
from gonogo.adapters.scratch import scratch_database
from gonogo.errors import LockTimeoutError, RefusedError, UnreachableError
from gonogo.model import Chain, Checkout, Commands, History, Limits, Revision, Said, Secret

# The status with which the runner ends when a lock was not to be had in all its tries (sysexits: temporary failure).
_TEMPORARY = 75


class AlembicMigrations:
    """The migrations of a checkout, against the environment's database."""

    def __init__(
        self,
        commands: Commands,
        *,
        database_url: Secret,
        limits: Limits,
        scratch_url: Secret | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; nothing is run yet.

        Args:
            commands: how the project runs its Alembic.
            database_url: the environment's database.
            limits: of the environment.
            scratch_url: a scratch server; without one, what a revision sends is rendered.
            variables: what env.py wants on the scratch server.
        """
        self._commands = commands
        self._url = database_url
        self._limits = limits
        self._scratch = scratch_url
        self._variables = variables or {}

    def history(self, checkout: Checkout) -> History:
        """Return the revisions of a checkout, read from its files."""
        return read_history(checkout, self._commands.migrations)

    def chain(self, checkout: Checkout) -> Chain:
        """Return the revisions of a checkout with what each sends; rendered where no scratch server answers."""
        command = tuple(word.format(python=checkout.python) for word in self._commands.migrate)
        source = capturing.Source(
            command=command, root=checkout.path, ini=self._commands.migrations, environ=self._variables
        )
        found = partial(capturing.capture, source)
        if self._scratch is None:
            return found(scratch=None)
        try:
            with scratch_database(self._scratch.reveal()) as scratch:
                return found(scratch=scratch)
        except UnreachableError as error:
            chain = found(scratch=None)
            return replace(chain, notes=(*chain.notes, f"{error.message}: SQL was rendered, and not run"))

    def squawk(self, scripts: Sequence[str]) -> tuple[tuple[Said, ...], ...]:
        """Return what squawk says of each revision's SQL."""
        return squawk.said(scripts)

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Go to a revision.

        Raises:
            RefusedError: a migration failed; its own transaction was rolled back.
            LockTimeoutError: it waited too long for a lock; nothing of this revision was applied.
        """
        result = self._run(checkout, ("upgrade", revision))
        _demand_locks(result, revision)
        if result.code != 0:
            raise RefusedError("migration-failed", f"the migration failed: {result.last_words}", where=revision)

    def downgrade(self, checkout: Checkout, revision: str | None) -> None:
        """Go back to a revision; None is the empty schema.

        Raises:
            RefusedError: it failed; the transaction of its revision was rolled back.
            LockTimeoutError: it waited too long for a lock; the revision that needed it is still applied.
        """
        result = self._run(checkout, ("downgrade", revision or "base"))
        _demand_locks(result, revision or "base")
        if result.code != 0:
            raise RefusedError(
                "downgrade-failed", f"the downgrade failed: {result.last_words}", where=revision or "base"
            )

    def _run(self, checkout: Checkout, words: Sequence[str]) -> processes.Completed:
        """Run Alembic in the checkout's environment."""
        command = tuple(word.format(python=checkout.python) for word in self._commands.migrate)
        environ = {
            "DATABASE_URL": self._url.reveal(),
            "MIGRATION_LOCK_TIMEOUT_MS": str(self._limits.lock_timeout_ms),
            "MIGRATION_STATEMENT_TIMEOUT_MS": str(self._limits.statement_timeout_ms),
            "MIGRATION_ATTEMPTS": str(self._limits.migrate_attempts),
        }
        return processes.run((*command, *words), cwd=checkout.path, env=environ, timeout_s=3600)


def _demand_locks(result: processes.Completed, revision: str) -> None:
    """Raise when a lock, or the turn to migrate, was not to be had."""
    if result.code == _TEMPORARY:
        why = "a lock that waits makes every later query wait too"
        raise LockTimeoutError("migration-lock-timeout", result.last_words, where=revision, why=why)


def read_history(checkout: Checkout, ini: str) -> History:
    """Return the revisions of a checkout, read from its files.

    Args:
        checkout: the files.
        ini: Alembic's ini file, relative to the checkout.
    """
    scripts = ScriptDirectory.from_config(AlembicConfig(str(checkout.path / ini)))
    walked = tuple(reversed(list(scripts.walk_revisions())))
    return History(
        heads=tuple(scripts.get_heads()),
        order=tuple(script.revision for script in walked),
        revisions=tuple(_revision(script, checkout.path) for script in walked),
        # With what it depends on, resolved: Alembic has no public word for that.
        parents={script.revision: tuple(script._all_down_revisions) for script in walked},  # noqa: SLF001
    )


def _revision(script: Script, root: Path) -> Revision:
    """Return one revision as our record."""
    return Revision(
        id=script.revision,
        title=(script.doc or "").strip(),
        kind=str(getattr(script.module, "kind", "unknown")),
        reversible=getattr(script.module, "reversible", None) is True,  # a text, whatever it says, is no declaration
        path=str(Path(script.path).relative_to(root)),
    )
