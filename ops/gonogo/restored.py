"""What steps of a restore share: the wish of its plan, and the database that it has made."""

from gonogo.errors import NeedsPersonError
from gonogo.model import DatabaseSeen, Plan, Restoring
from gonogo.protocols import Context


def wish(plan: Plan) -> Restoring:
    """Return what a plan says of databases.

    Raises:
        NeedsPersonError: nothing; somebody has mixed the steps of two kinds of plans.
    """
    if plan.restoring is None:
        raise NeedsPersonError("not-a-restore", f"{plan.kind.value} {plan.release_id} does not say what is restored")
    return plan.restoring


def made(context: Context) -> DatabaseSeen | None:
    """Return the database that this restore has made, by whatever name; None where it has made none."""
    marks = {f"restored {context.plan.release_id}", f"served {context.plan.release_id}"}
    return next((each for each in context.world.restores.databases() if each.mark in marks), None)


def served(context: Context) -> DatabaseSeen | None:
    """Return the database that has the served name; None where there is none."""
    name = wish(context.plan).served
    return next((each for each in context.world.restores.databases() if each.name == name), None)
