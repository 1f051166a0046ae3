"""Fill a new database from a backup, beside the one that is served."""

from gonogo import restored
from gonogo.errors import GonogoError, NeedsPersonError, StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class RestoreInto:
    """It has its name only once it holds what the manifest says."""

    name = "restore-into"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        wish = restored.wish(plan)
        where = "its copy at the other place" if wish.is_offsite else "the backup on this machine"
        return f"restore {wish.backup} ({where}) into a new database {wish.into}, compare it with the manifest"

    def check(self, context: Context) -> bool:
        """Return whether this restore has made it already."""
        return restored.made(context) is not None

    def apply(self, context: Context) -> None:
        """Fetch, read, restore, compare.

        Raises:
            RefusedError: the backup or the server is not good enough.
        """
        context.world.restores.restore(restored.wish(context.plan), context.plan.release_id)

    def verify(self, context: Context) -> Proof:
        """Prove that a database is there that says what it was restored as.

        Raises:
            StepFailedError: there is none.
        """
        found = restored.made(context)
        if found is None:
            raise StepFailedError("not-restored", "the server has no database that this restore has made")
        evidence = {
            "database": found.name,
            "restored": "as in the manifest",
            "size": f"{found.size_bytes:,} bytes",
            "schema": context.world.restores.revision(context.plan.release_id) or "nothing",
        }
        return Proof(evidence=evidence)

    def revert(self, context: Context) -> Proof:
        """Drop what is half made; what is whole is kept, and named.

        Raises:
            NeedsPersonError: it may be there still.
        """
        try:
            context.world.restores.drop(context.plan.release_id)
            found = restored.made(context)
        except GonogoError as error:
            message = f"a half restored database may be left: {error.message}"
            hint = "on the environment's server: DROP DATABASE of the name that begins with gonogo_restoring_"
            raise NeedsPersonError("restore-left", message, why="it is a copy of all data", hint=hint) from error
        left = f"{found.name} is kept: it holds what the backup holds" if found else "gone"
        return Proof(evidence={"restored database": left})
