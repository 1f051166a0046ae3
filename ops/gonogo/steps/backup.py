"""Dump the database with the project's own script."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class TakeBackup:
    """Step 2: a dump and a manifest."""

    name = "backup"
    kind = StepKind.GATE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"dump the database, schema at {plan.start_revision or 'nothing'}"

    def check(self, context: Context) -> bool:
        """Return whether this release has its dump already: a manifest is written last."""
        return context.world.backups.find(context.plan.release_id) is not None

    def apply(self, context: Context) -> None:
        """Run the script."""
        context.world.backups.take(context.plan.release_id)

    def verify(self, context: Context) -> Proof:
        """Prove that there is a dump of the schema that the release starts from.

        Raises:
            StepFailedError: there is none, it is empty, or it is of another schema.
        """
        backup = context.world.backups.find(context.plan.release_id)
        if backup is None or backup.size_bytes == 0:
            hint = f"invoke backup.run --env {context.plan.environment}"
            raise StepFailedError("backup-missing", "the backup script left no dump with a manifest", hint=hint)
        if backup.schema_revision != context.plan.start_revision:
            message = f"the dump holds schema {backup.schema_revision}, expected {context.plan.start_revision}"
            raise StepFailedError("backup-of-another-schema", message)
        evidence = {
            "dump": backup.name,
            "size": f"{backup.size_bytes} bytes",
            "sha256": backup.sha256,
            "rows": f"{sum(backup.row_counts.values())} in {len(backup.row_counts)} tables",
            "server": backup.server_version,
        }
        return Proof(evidence=evidence)

    def revert(self, context: Context) -> Proof:
        """Do nothing: a backup is kept."""
        del context
        return Proof(evidence={})
