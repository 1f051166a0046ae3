"""Migrate a restored database to the schema that the served version needs: a backup is older than it."""

from gonogo.errors import StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class BringUp:
    """Before it is served: nobody waits for a lock, and nothing is lost if it fails."""

    name = "bring-up"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"migrate the restored database to {plan.target_revision}, with the migrations of what serves"

    def check(self, context: Context) -> bool:
        """Return whether it is there already."""
        return context.world.restores.revision(context.plan.release_id) == context.plan.target_revision

    def apply(self, context: Context) -> None:
        """Migrate it.

        Raises:
            RefusedError: a migration failed; the database that is served is untouched.
        """
        plan, world = context.plan, context.world
        world.restores.bring_up(plan.release_id, world.checkouts.provide(plan.schema_commit), plan.target_revision)

    def verify(self, context: Context) -> Proof:
        """Prove the revision in the restored database.

        Raises:
            StepFailedError: it is another one.
        """
        found = context.world.restores.revision(context.plan.release_id)
        if found != context.plan.target_revision:
            message = f"the restored database is at {found}, not at {context.plan.target_revision}"
            raise StepFailedError("schema-not-reached", message)
        return Proof(evidence={"schema": found})

    def revert(self, context: Context) -> Proof:
        """Do nothing: the database is not served, and the backup can be restored again."""
        del context
        return Proof(evidence={"schema": "stays as it is: nobody is served from it"})
