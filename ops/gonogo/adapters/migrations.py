"""Alembic, run from the release's own checkout; and squawk, which reads its SQL."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import Script, ScriptDirectory

from gonogo.adapters import processes
from gonogo.errors import LockTimeoutError, RefusedError
from gonogo.model import Checkout, Commands, Finding, History, Limits, Revision, Secret, Severity

# The status with which env.py ends when a lock was not to be had in time (sysexits: temporary failure).
_TEMPORARY = 75
# squawk's rules by what they mean for a running service; a rule that is not named here is advice.
_BLOCKING = {
    "adding-field-with-default", "adding-foreign-key-constraint", "adding-not-nullable-field",
    "adding-required-field", "adding-serial-primary-key-field", "ban-alter-domain-with-add-constraint",
    "ban-concurrent-index-creation-in-transaction", "ban-drop-column", "ban-drop-database", "ban-drop-domain",
    "ban-drop-function", "ban-drop-schema", "ban-drop-sequence", "ban-drop-table", "ban-drop-type", "ban-drop-view",
    "ban-set-schema", "ban-truncate-cascade", "ban-uncommitted-transaction", "changing-column-type",
    "constraint-missing-not-valid", "disallowed-unique-constraint", "renaming-column", "renaming-table",
    "require-concurrent-index-creation", "require-concurrent-index-deletion", "require-concurrent-partition-detach",
    "require-concurrent-reindex", "syntax-error", "transaction-nesting",
}  # fmt: skip
# Style, and what the runner sets for every migration.
_OFF = (
    "ban-char-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-robust-stmts",
    "prefer-text-field", "prefer-timestamp-tz", "require-lock-timeout", "require-statement-timeout",
    "require-timeout-settings",
)  # fmt: skip


class AlembicMigrations:
    """The migrations of a checkout, against the environment's database."""

    def __init__(self, commands: Commands, *, database_url: Secret, limits: Limits) -> None:
        """Prepare; nothing is run yet."""
        self._commands = commands
        self._url = database_url
        self._limits = limits

    def history(self, checkout: Checkout) -> History:
        """Return the revisions of a checkout, read from its files."""
        return read_history(checkout, self._commands.migrations)

    def sql(self, checkout: Checkout, start: str | None, end: str) -> str:
        """Return the SQL of going from one revision to another, without running it."""
        result = self._run(checkout, ("upgrade", f"{start or 'base'}:{end}", "--sql"))
        if result.code != 0:
            raise RefusedError("sql-not-rendered", f"the SQL of {end} cannot be shown: {result.last_words}")
        return result.stdout

    def lint(self, sql: str) -> tuple[Finding, ...]:
        """Return what squawk says about one revision's SQL."""
        command = (_squawk(), "--reporter=json", "--stdin-filepath=migration.sql", f"--exclude={','.join(_OFF)}")
        said = processes.run(command, cwd=Path.cwd(), stdin=sql)
        try:
            rows = json.loads(said.stdout or "[]")
        except ValueError:
            raise RefusedError("lint-failed", f"squawk cannot read the SQL: {said.last_words}") from None
        return tuple(
            Finding(
                rule=row["rule_name"],
                severity=Severity.BLOCK if row["rule_name"] in _BLOCKING else Severity.ADVISE,
                message=f"line {row['line'] + 1}: {row['message']}",
                hint=row.get("help") or "",
            )
            for row in rows
        )

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Go to a revision.

        Raises:
            RefusedError: a migration failed; its own transaction was rolled back.
            LockTimeoutError: it waited too long for a lock; nothing of this revision was applied.
        """
        result = self._run(checkout, ("upgrade", revision))
        if result.code == _TEMPORARY:
            why = "a lock that waits makes every later query wait too"
            raise LockTimeoutError("migration-lock-timeout", result.last_words, where=revision, why=why)
        if result.code != 0:
            raise RefusedError("migration-failed", f"the migration failed: {result.last_words}", where=revision)

    def downgrade(self, checkout: Checkout, revision: str | None) -> None:
        """Go back to a revision; None is the empty schema."""
        result = self._run(checkout, ("downgrade", revision or "base"))
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
        }
        return processes.run((*command, *words), cwd=checkout.path, env=environ, timeout_s=3600)


def _squawk() -> str:
    """Return the squawk that is installed beside this interpreter."""
    beside = Path(sys.executable).with_name("squawk")
    return str(beside) if beside.exists() else "squawk"


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
    )


def _revision(script: Script, root: Path) -> Revision:
    """Return one revision as our record."""
    return Revision(
        id=script.revision,
        title=(script.doc or "").strip(),
        kind=str(getattr(script.module, "kind", "unknown")),
        reversible=bool(getattr(script.module, "reversible", False)),
        path=str(Path(script.path).relative_to(root)),
    )
