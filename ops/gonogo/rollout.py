"""One application's deployment, told by what can be observed: pin, trigger once, wait for the true end.

Both rollouts and both ways back use it. Rules and reasons: docs/coolify.md.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from gonogo import artifacts, codec
from gonogo.errors import AnswerLostError, StepFailedError, UnreachableError
from gonogo.model import Deployment, Pin, PinKind, version_of
from gonogo.protocols import Clock, Context

# What a row says until the job has looked up its commit.
_UNRESOLVED = {"", "HEAD"}
# How long a deployment whose request got no answer may take to show up in the list.
_ADOPT_S = 10.0
# The pauses between two requests that Coolify was too busy for are doubled up to this.
_LONGEST_PAUSE_S = 60.0
# Fewer looks than these over the settling time could all have met the same one of several processes.
LOOKS = 20

Told = TypeVar("Told")


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What to deploy, and under which prefix its ids are noted.

    Attributes:
        prefix: `deploy` forward, `revert` back: the two never share a note.
        notes: what the step wrote down so far.
        pin: what the application is pinned to for it; what was noted, else the commit, where nobody says.
    """

    app_uuid: str
    commit: str
    prefix: str
    notes: dict[str, Any]
    pin: Pin | None = None

    @property
    def artifact(self) -> Pin:
        """Return what the application is pinned to."""
        noted = self.noted("pin")
        return self.pin or (codec.pin_from_json(noted) if noted else Pin.of_commit(self.commit))

    def noted(self, name: str) -> Any:  # JSON
        """Return what was noted under a name; None when nothing was."""
        return self.notes.get(f"{self.prefix}_{name}")

    def write(self, context: Context, **notes: Any) -> None:  # JSON
        """Write notes down before going on."""
        prefixed = {f"{self.prefix}_{name}": value for name, value in notes.items()}
        context.note(prefixed)
        self.notes.update(prefixed)

    def fits(self, deployment: Deployment) -> bool:
        """Return whether a deployment that came after the pin brings what is pinned.

        What an image application's deployment brings is decided when it begins, by the pin; its row says the pin's own
        reference, or nothing. Another one is somebody else's: a rollback to a tag.
        """
        if self.artifact.kind is PinKind.COMMIT:
            return deployment.commit == self.commit
        return deployment.commit in {self.artifact.ref, *_UNRESOLVED}


def deploy(context: Context, order: Order) -> Deployment:
    """Deploy and return the deployment at its true end; taken up again where the notes stop.

    Raises:
        StepFailedError: it failed, was cancelled, was never seen, did not end in time, or another one came after it.
    """
    ours = _known(context, order)
    if ours is None:
        pin(context, order)
        ours = _ask(context, order, force=bool(order.noted("forced")))
    ended = _finished(context, order, ours)
    _demand_undisturbed(context, order, ended)
    return ended


def pin(context: Context, order: Order) -> None:
    """Pin what the next deployment runs, once nothing else is under way; what was pinned before is noted first.

    Raises:
        StepFailedError: a deployment of the application does not end.
    """
    platform = context.world.platform
    settle(context, order.app_uuid)
    if order.noted("pin") is None:
        was = platform.application(order.app_uuid).pin
        order.write(context, was=asdict(was), pin=asdict(order.artifact))
    platform.pin(order.app_uuid, order.artifact)
    # Read after the change: only what comes later can be built from it.
    newest = max((each.number for each in platform.recent(order.app_uuid)), default=0)
    if not order.noted("asked") and order.noted("after") != newest:
        order.write(context, after=newest)


def settle(context: Context, app_uuid: str) -> None:
    """Wait until no deployment of an application is queued or in progress, so that nothing lands later.

    Raises:
        StepFailedError: one does not end.
        UnreachableError: Coolify does not answer for as long as a deployment may take.
    """
    platform = context.world.platform
    limits = context.config.target.limits

    def is_quiet() -> bool:
        return not any(each.is_active for each in platform.recent(app_uuid))

    if not _demanded(context.world.clock, limits.deploy_timeout_s, limits.poll_s, is_quiet):
        message = f"a deployment of {app_uuid} is still running after {limits.deploy_timeout_s:g} s"
        hint = f"cancel it in Coolify, then: invoke health.check --env {context.plan.environment}"
        raise StepFailedError("deployment-stuck", message, where=app_uuid, hint=hint)


def settle_order(context: Context, order: Order) -> None:
    """Wait until nothing of an order can land any more; one that was asked for and never seen may still show up."""
    uuid = order.noted("id")
    is_known = uuid and _seen(context, uuid)
    if order.noted("asked") and not is_known:
        _appeared(context, order)
    settle(context, order.app_uuid)


def log_hint(context: Context, service: str) -> str:
    """Return where to read on when a service does not come up; a local stack's own way is told by the run."""
    return "" if context.config.target.stack else f"read the log of the {service} in Coolify"


def until(clock: Clock, timeout_s: float, poll_s: float, is_so: Callable[[], bool]) -> bool:
    """Ask until it is so; return False when it is not so in time. Who does not answer for a while is asked again."""
    try:
        return _demanded(clock, timeout_s, poll_s, is_so)
    except UnreachableError:
        return False


def steady(context: Context, is_so: Callable[[], bool], is_enough: Callable[[], bool] = lambda: True) -> bool:
    """Ask until it was so for the settling time without a break, and enough was seen; return False when not in time."""
    clock, limits = context.world.clock, context.config.target.limits
    deadline = clock.monotonic() + limits.prove_timeout_s
    since: float | None = None
    while True:
        since = (since if since is not None else clock.monotonic()) if is_so() else None
        if since is not None and clock.monotonic() - since >= limits.settle_s and is_enough():
            return True
        if clock.monotonic() >= deadline:
            return False
        clock.sleep(min(limits.poll_s, limits.settle_s / LOOKS))


def _demanded(clock: Clock, timeout_s: float, poll_s: float, is_so: Callable[[], bool]) -> bool:
    """Ask until it is so; return False when it is not so in time.

    Raises:
        UnreachableError: time is up, and the last question was not answered.
    """
    deadline = clock.monotonic() + timeout_s
    while True:
        silence: UnreachableError | None = None
        try:
            if is_so():
                return True
        except UnreachableError as error:
            silence = error
        if clock.monotonic() >= deadline:
            if silence:
                raise silence
            return False
        clock.sleep(poll_s)


def _told(context: Context, look: Callable[[], Told]) -> Told:
    """Return what a look shows; who does not answer is asked again for as long as a deployment may take.

    Raises:
        UnreachableError: Coolify does not answer for so long.
    """
    told: list[Told] = []

    def is_told() -> bool:
        told.append(look())
        return True

    limits = context.config.target.limits
    _demanded(context.world.clock, limits.deploy_timeout_s, limits.poll_s, is_told)
    return told[0]


def _seen(context: Context, uuid: str) -> Deployment | None:
    """Return a deployment; None when Coolify says that it knows none of this id."""
    return _told(context, lambda: context.world.platform.deployment(uuid))


def _known(context: Context, order: Order) -> Deployment | None:
    """Return the deployment that an earlier try asked for; None when it may never have gone out.

    Raises:
        StepFailedError: its answer was lost, and Coolify shows none.
    """
    uuid = order.noted("id")
    known = _seen(context, uuid) if uuid else None
    if known or not order.noted("asked"):
        return known
    found = _appeared(context, order)
    if found or not (uuid or order.noted("lost")):
        return found
    return _again(context, order)


def _ask(context: Context, order: Order, *, force: bool = False) -> Deployment:
    """Ask for the deployment; adopt it when the answer was lost or its id was invented."""
    try:
        uuid = _taken(context, order, force=force)
    except AnswerLostError:
        order.write(context, lost=order.commit)
        return _appeared(context, order) or _again(context, order)
    order.write(context, id=uuid)
    return _seen(context, uuid) or _appeared(context, order) or _again(context, order)


def _taken(context: Context, order: Order, *, force: bool) -> str:
    """Return the id that Coolify gives; while it is too busy to queue anything, it is asked anew.

    Raises:
        AnswerLostError: it may have been queued.
        UnreachableError: it was not, for as long as a deployment may take.
    """
    clock, limits = context.world.clock, context.config.target.limits
    began, tries = clock.monotonic(), 0
    while True:
        order.write(context, asked=order.commit)
        tries += 1
        try:
            return context.world.platform.trigger(order.app_uuid, force=force)
        except AnswerLostError:
            raise
        except UnreachableError as error:
            if clock.monotonic() - began >= limits.deploy_timeout_s:
                raise _never_taken(error, tries, clock.monotonic() - began) from error
            order.write(context, refused=error.reference)
        clock.sleep(min(_LONGEST_PAUSE_S, limits.poll_s * 2.0 ** (tries - 1)))
        pin(context, order)  # whoever used the time to set another commit is not built in our name


def _never_taken(error: UnreachableError, tries: int, waited_s: float) -> UnreachableError:
    """Return the error of a deployment that Coolify was too busy for until time was up; nothing was queued."""
    message = f"{error.message} (asked {tries} times in {waited_s:.0f} s, each time in vain)"
    return UnreachableError(error.reference, message, where=error.where, why=error.why, hint=error.hint)


def _again(context: Context, order: Order) -> Deployment:
    """Ask anew where an invented id says that the request was skipped; a lost one is never asked for twice.

    Coolify skips what it takes for a repetition of a deployment that is under way: that one ends first, and the new
    request says that it is none.
    """
    if order.noted("lost") or order.noted("forced"):
        message = f"the deployment of {artifacts.words(order.artifact)} was asked for, and Coolify shows none"
        why = "asking again could deploy twice"
        hint = f"in Coolify: look at Deployments, then: invoke health.check --env {context.plan.environment}"
        raise StepFailedError("deployment-unseen", message, where=order.app_uuid, why=why, hint=hint)
    settle(context, order.app_uuid)
    if found := _told(context, lambda: _adopted(context, order)):
        return found
    order.write(context, forced=order.commit, id=None)
    return _ask(context, order, force=True)


def _adopted(context: Context, order: Order) -> Deployment | None:
    """Return the first deployment that came after our pin and brings it."""
    later = [each for each in context.world.platform.recent(order.app_uuid) if each.number > order.noted("after")]
    for each in sorted(later, key=lambda one: one.number):
        if order.fits(each):
            order.write(context, id=each.uuid)
            return each
    return None


def _appeared(context: Context, order: Order) -> Deployment | None:
    """Return the deployment of our pin as soon as Coolify shows it; None when it does not come in time.

    Raises:
        UnreachableError: Coolify does not answer, so nobody knows.
    """
    found: list[Deployment] = []

    def is_there() -> bool:
        found.extend(each for each in (_told(context, lambda: _adopted(context, order)),) if each)
        return bool(found)

    _demanded(context.world.clock, _ADOPT_S, context.config.target.limits.poll_s, is_there)
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
    said = _bad_end(last) if in_time else _no_end(last, limits.deploy_timeout_s)
    message = f"Coolify's deployment {last.uuid} of {artifacts.words(order.artifact)} {said}"
    why = "what runs now is not known from how a deployment ended"
    hint = (
        log_hint(context, "deployment") if in_time else f"in Coolify: Deployments, read its log and cancel {last.uuid}"
    )
    raise StepFailedError("deployment-failed", message, where=order.app_uuid, why=why, hint=hint)


def _is_over(deployment: Deployment) -> bool:
    """Return whether nothing more will come of a deployment."""
    if deployment.status == "finished":
        return deployment.ended
    return not deployment.is_active


def _bad_end(last: Deployment) -> str:
    """Return what is known of a deployment that is over and brought nothing."""
    said = f"ended as {last.status}"
    if last.status.startswith("cancelled"):
        return f"{said}: somebody cancelled it, and the old and the new container may both run"
    if last.ended:
        return said
    return f"{said}, and Coolify says no end: it was restarted meanwhile, does not reach the server, or still cleans up"


def _no_end(last: Deployment, after_s: float) -> str:
    """Return what is known of a deployment that does not end."""
    if last.status == "finished":
        return f"is finished, and its job has not ended after {after_s:g} s: a post-deployment command hangs"
    known = "it never began" if last.status == "queued" else "it began, and may still bring the new version"
    return f"is still {last.status} after {after_s:g} s: {known}"


def _demand_undisturbed(context: Context, order: Order, ended: Deployment) -> None:
    """Refuse another's deployment on top of ours; wait for what else brings the same, such as further servers.

    Raises:
        StepFailedError: one of something else came after ours, or one does not end.
    """
    later = _later(context, order, ended)
    if any(each.is_active for each in later if order.fits(each) or each.commit in _UNRESOLVED):
        settle(context, order.app_uuid)
        later = _later(context, order, ended)
    foreign = [each for each in later if not order.fits(each) and each.commit not in _UNRESOLVED]
    if foreign:
        named = f"{foreign[0].uuid} of {version_of(foreign[0].commit)} ({foreign[0].status})"
        message = f"somebody's deployment {named} came after ours, {ended.uuid}: it replaces what this release brought"
        hint = "in Coolify: switch automatic deployment off, and let nobody deploy while a release runs"
        raise StepFailedError("deployment-superseded", message, where=order.app_uuid, hint=hint)


def _later(context: Context, order: Order, ended: Deployment) -> list[Deployment]:
    """Return the deployments that came after ours; none where Coolify does not answer: the proof is elsewhere."""
    later: list[Deployment] = []

    def is_told() -> bool:
        later[:] = [each for each in context.world.platform.recent(order.app_uuid) if each.number > ended.number]
        return True

    until(context.world.clock, _ADOPT_S, context.config.target.limits.poll_s, is_told)
    return later
