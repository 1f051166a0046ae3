"""Give a restored database the name that the service knows, and prove that it is served from there."""

from gonogo import restored, rollout
from gonogo.errors import GonogoError, NeedsPersonError, StepFailedError
from gonogo.model import Plan
from gonogo.protocols import Context, Proof, StepKind


class SwitchDatabase:
    """Both databases change their names in one transaction; the one from before is kept, and can only be read."""

    name = "switch"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        wish = restored.wish(plan)
        return (
            f"rename {wish.served} to {wish.former} and {wish.into} to {wish.served}, at once; prove that it is served"
        )

    def check(self, context: Context) -> bool:
        """Return whether the served name is on the database that this restore puts there."""
        found = restored.served(context)
        return found is not None and found.mark == f"served {context.plan.release_id}"

    def apply(self, context: Context) -> None:
        """Exchange the names.

        Raises:
            RefusedError: somebody does not leave a database; nothing was switched.
        """
        wish = restored.wish(context.plan)
        context.note({"former": wish.former, "served": wish.served})
        context.world.restores.switch(wish, context.plan.release_id)

    def verify(self, context: Context) -> Proof:
        """Prove that the API is ready, and connected to the database that was put there.

        Raises:
            StepFailedError: it is not; where that was accepted before, it is only told.
        """
        if not self.check(context):
            raise StepFailedError("not-switched", f"{restored.wish(context.plan).served} is still the database before")
        wish, is_served = restored.wish(context.plan), rollout.steady(context, lambda: _is_served(context))
        ready, found = context.world.service.ready(), restored.served(context)
        said = "ready on it" if is_served else f"not ready: {ready.detail or 'nothing answers'}"
        if not is_served and not wish.accepted:
            hint = f"invoke health.check --env {context.plan.environment}"
            raise StepFailedError("restored-not-served", f"the API is {said}", hint=hint)
        evidence = {
            "served": f"{wish.served}, with {found.sessions if found else 0} sessions",
            "before": f"kept as {wish.former}, read only",
            "API": said,
            "way back": f"invoke restore.switch --env {context.plan.environment} --into {wish.former}",
        }
        return Proof(evidence=evidence)

    def revert(self, context: Context) -> Proof:
        """Exchange the names again, and prove it.

        Raises:
            NeedsPersonError: they could not be, or not be proven to be.
        """
        wish = restored.wish(context.plan)
        try:
            context.world.restores.switch_back(wish, context.plan.release_id)
            is_back = not self.check(context)
        except GonogoError as error:
            hint = f"invoke restore.switch --env {context.plan.environment} --into {wish.former}"
            message = f"the database from before was not put back: {error.message}"
            raise NeedsPersonError("not-switched-back", message, hint=hint) from error
        if not is_back:
            raise NeedsPersonError("not-switched-back", f"{wish.served} is still the restored database")
        return Proof(evidence={"served": f"{wish.served}, the database from before"})


def _is_served(context: Context) -> bool:
    """Return whether the API is ready, and somebody is connected to the database."""
    found = restored.served(context)
    return context.world.service.ready().ready and found is not None and found.sessions > 0
