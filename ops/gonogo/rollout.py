"""One application's deployment, told by what can be observed: pin, trigger once, wait for the true end.

Both rollouts and both ways back use it. Rules and reasons: docs/coolify.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gonogo.errors import AnswerLostError, StepFailedError, UnreachableError
from gonogo.model import Deployment, Pin, version_of
from gonogo.protocols import Clock, Context

_ACTIVE = {"queued", "in_progress"}
# How long a deployment whose request got no answer may take to show up in the list.
_ADOPT_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to deploy, and under which prefix its ids are noted.

    Attributes:
        prefix: `deploy` forward, `revert` back: the two never share a note.
        notes: what the step wrote down so far.
    """

    app_uuid: str
    commit: str
    prefix: str
    notes: dict[str, Any]

    def noted(self, name: str) -> Any:  # JSON
        """Return what was noted under a name; None when nothing was."""
        return self.notes.get(f"{self.prefix}_{name}")


def deploy(context: Context, order: Order) -> Deployment:
    """Deploy a commit and return the deployment at its true end; taken up again where the notes stop.

    Raises:
        StepFailedError: it failed, was cancelled, was never seen, or did not end in time.
    """
    _pin(context, order)
    ours = _known(context, order) or _ask(context, order)
    return _finished(context, order, ours)


def settle(context: Context, app_uuid: str) -> None:
    """Wait until no deployment of an application is queued or in progress, so that nothing lands later."""
    platform = context.world.platform
    limits = context.config.target.limits

    def is_quiet() -> bool:
        return not any(each.status in _ACTIVE for each in platform.recent(app_uuid))

    if not until(context.world.clock, limits.deploy_timeout_s, limits.poll_s, is_quiet):
        message = f"a deployment of {app_uuid} is still running after {limits.deploy_timeout_s:g} s"
        hint = f"cancel it in Coolify, then: invoke health.check --env {context.plan.environment}"
        raise StepFailedError("deployment-stuck", message, where=app_uuid, hint=hint)


def settle_order(context: Context, order: Order) -> None:
    """Wait until nothing of an order can land any more; one that was asked for and never seen may still show up."""
    uuid = order.noted("id")
    is_known = uuid and context.world.platform.deployment(uuid)
    if order.noted("asked") and not is_known:
        _appeared(context, order)
    settle(context, order.app_uuid)


def log_hint(context: Context, service: str) -> str:
    """Return where to read on when a service does not come up; a local stack's own way is told by the run."""
    return "" if context.config.target.stack else f"read the log of the {service} in Coolify"


def until(clock: Clock, timeout_s: float, poll_s: float, is_so: Callable[[], bool]) -> bool:
    """Ask until it is so; return False when it is not so in time. Who does not answer for a while is asked again."""
    deadline = clock.monotonic() + timeout_s
    while not _answered(is_so):
        if clock.monotonic() >= deadline:
            return False
        clock.sleep(poll_s)
    return True


def steady(context: Context, is_so: Callable[[], bool]) -> bool:
    """Ask until it was so for the settling time without a break; return False when that does not come in time."""
    clock, limits = context.world.clock, context.config.target.limits
    deadline = clock.monotonic() + limits.prove_timeout_s
    since: float | None = None
    while True:
        since = (since if since is not None else clock.monotonic()) if is_so() else None
        if since is not None and clock.monotonic() - since >= limits.settle_s:
            return True
        if clock.monotonic() >= deadline:
            return False
        clock.sleep(min(limits.poll_s, limits.settle_s / 10))


def _answered(is_so: Callable[[], bool]) -> bool:
    """Ask once; no answer says nothing."""
    try:
        return is_so()
    except UnreachableError:
        return False


def _pin(context: Context, order: Order) -> None:
    """Remember the newest deployment, and pin the commit that the next one builds."""
    if order.noted("after") is None:
        newest = max((each.number for each in context.world.platform.recent(order.app_uuid)), default=0)
        context.note({f"{order.prefix}_after": newest})
        order.notes[f"{order.prefix}_after"] = newest
    context.world.platform.pin(order.app_uuid, Pin.of_commit(order.commit))


def _known(context: Context, order: Order) -> Deployment | None:
    """Return the deployment that an earlier try asked for; None when none was.

    Raises:
        StepFailedError: it was asked for, its answer was lost or its id invented, and Coolify shows none.
    """
    uuid = order.noted("id")
    known = context.world.platform.deployment(uuid) if uuid else None
    if known or not order.noted("asked"):
        return known
    if uuid or order.noted("lost"):
        return _wait_for_lost(context, order)
    return _appeared(context, order)  # killed around the request: it may never have gone out


def _adopted(context: Context, order: Order) -> Deployment | None:
    """Return a deployment of our commit that came after we pinned it."""
    for each in context.world.platform.recent(order.app_uuid):
        if each.number > order.noted("after") and each.commit == order.commit:
            context.note({f"{order.prefix}_id": each.uuid})
            return each
    return None


def _ask(context: Context, order: Order) -> Deployment:
    """Ask for the deployment once; adopt it when the answer was lost or its id was invented."""
    platform = context.world.platform
    context.note({f"{order.prefix}_asked": order.commit})
    try:
        uuid = platform.trigger(order.app_uuid)
    except AnswerLostError:
        context.note({f"{order.prefix}_lost": order.commit})
        return _wait_for_lost(context, order)
    context.note({f"{order.prefix}_id": uuid})
    return platform.deployment(uuid) or _wait_for_lost(context, order)


def _wait_for_lost(context: Context, order: Order) -> Deployment:
    """Return the deployment that our request may have made; it is never asked for twice."""
    found = _appeared(context, order)
    if found:
        return found
    message = f"the deployment of {version_of(order.commit)} was asked for, and Coolify shows none"
    why = "asking again could deploy twice"
    raise StepFailedError("deployment-unseen", message, where=order.app_uuid, why=why)


def _appeared(context: Context, order: Order) -> Deployment | None:
    """Return the deployment of our commit as soon as Coolify shows it; None when it does not come in time."""
    found: list[Deployment] = []

    def is_there() -> bool:
        found.extend(each for each in (_adopted(context, order),) if each)
        return bool(found)

    until(context.world.clock, _ADOPT_S, context.config.target.limits.poll_s, is_there)
    return found[0] if found else None


def _finished(context: Context, order: Order, ours: Deployment) -> Deployment:
    """Wait for the true end: a terminal status, and for `finished` also the time that ends the job."""
    limits = context.config.target.limits
    seen = [ours]

    def is_over() -> bool:
        seen.append(context.world.platform.deployment(ours.uuid) or seen[-1])
        return _is_over(seen[-1])

    in_time = until(context.world.clock, limits.deploy_timeout_s, limits.poll_s, is_over)
    last = seen[-1]
    if in_time and last.status == "finished":
        return last
    seen_as = f"ended as {last.status}" if in_time else f"is still {last.status} after {limits.deploy_timeout_s:g} s"
    message = f"Coolify's deployment {last.uuid} of {version_of(order.commit)} {seen_as}"
    raise StepFailedError("deployment-failed", message, where=order.app_uuid, hint=log_hint(context, "deployment"))


def _is_over(deployment: Deployment) -> bool:
    """Return whether nothing more will come of a deployment."""
    if deployment.status == "finished":
        return deployment.ended
    return deployment.status not in _ACTIVE
