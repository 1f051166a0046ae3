"""Prove the backup: its digest, and that it restores to the rows that the manifest counted."""

from gonogo import proving
from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError, UnreachableError
from gonogo.model import Backup, Plan
from gonogo.protocols import Context, Proof, StepKind


class RestoreCheck:
    """Step 3: a backup that cannot be restored is none."""

    name = "restore-check"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        del plan
        return "restore the dump into a scratch database and compare it with the manifest"

    def check(self, context: Context) -> bool:
        """Return False: a proof is made anew."""
        del context
        return False

    def apply(self, context: Context) -> None:
        """Check the digest, restore, count, drop the scratch database whatever happens.

        Raises:
            StepFailedError: the file is not what the manifest says.
            RefusedError: it cannot be restored.
        """
        backup = self._backup(context)
        proving.check_digest(context.world.backups, backup)
        scratch = proving.scratch_name(context.plan.release_id)
        context.note({"scratch": scratch})
        context.note({"restored": dict(proving.restored_rows(context.world, backup, scratch))})

    def verify(self, context: Context) -> Proof:
        """Compare the rows restored with the manifest's.

        Raises:
            StepFailedError: they differ.
        """
        backup = self._backup(context)
        restored = context.notes[self.name]["restored"]
        proving.compare_rows(backup, restored)
        rows = f"{sum(restored.values())} in {len(restored)} tables, as in the manifest"
        return Proof(evidence={"sha256": "as in the manifest", "rows restored": rows})

    def may_leave(self, context: Context) -> bool:
        """Return whether a scratch database was named: whoever was to drop it may not have come to it."""
        return "scratch" in context.notes[self.name]

    def revert(self, context: Context) -> Proof:
        """Drop the scratch database.

        Raises:
            NeedsPersonError: it may be there still.
        """
        scratch = proving.scratch_name(context.plan.release_id)
        try:
            context.world.database.drop_scratch(scratch)
        except (RefusedError, UnreachableError) as error:
            message = f"the scratch database {scratch} may be left: {error.message}"
            hint = f"on the server of SCRATCH_DATABASE_URL: DROP DATABASE IF EXISTS {scratch} WITH (FORCE)"
            raise NeedsPersonError("scratch-left", message, why="it is a copy of all data", hint=hint) from error
        return Proof(evidence={"scratch database": "gone"})

    def _backup(self, context: Context) -> Backup:
        """Return this release's backup."""
        backup = context.world.backups.find(context.plan.release_id)
        if backup is None:
            raise StepFailedError("backup-missing", f"the backup {context.plan.release_id} is gone")
        return backup
