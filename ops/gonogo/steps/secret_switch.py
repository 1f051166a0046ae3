"""Tell one application another value of a secret, deploy it, and prove that each of its processes uses it."""

from typing import Any

from gonogo import arrivals, artifacts, canary, credentials, handing, rollout
from gonogo.errors import GonogoError, NeedsPersonError, StepFailedError
from gonogo.model import Plan, Secret
from gonogo.protocols import Context, Proof, StepKind

_FAILED = ("failed", "cancelled")


class SecretSwitch:
    """Variable, deployment and proof of the API or of the worker: to the new value, or to the new one alone.

    While old and new are taken a failure is undone: the old value is told again and deployed. A switch to the new value
    alone takes the old one away; what fails there is gone on with.
    """

    def __init__(self, name: str, *, of_workers: bool, is_alone: bool = False) -> None:
        """Take what is switched, and to what."""
        self.name = name
        self.kind = StepKind.RECORD if is_alone else StepKind.CHANGE
        self._of_workers = of_workers
        self._is_alone = is_alone

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        kind = credentials.kind_of(handing.rotation_of(plan))
        which = "the new value alone" if self._is_alone else "the new value" + (" and the old" if kind.by_list else "")
        who = "each worker" if self._of_workers else "each replica"
        return f"set {kind.variable} to {which} in Coolify, deploy {plan.target_version} again, prove it on {who}"

    def check(self, context: Context) -> bool:
        """Return whether the variable is set, no deployment is under way, and what runs uses it."""
        wanted = self._value(context)
        rollout.settle(context, self._uuid(context))
        return self._is_set(context, wanted) and self._runs(context, wanted)

    def apply(self, context: Context) -> None:
        """Set the variable, deploy the same version again, wait for the true end."""
        self._set(context, self._value(context))
        ended = rollout.deploy(context, self._order(context, self._prefix(context)))
        context.note({"deployment": ended.uuid})

    def verify(self, context: Context) -> Proof:
        """Prove that every process uses the value, and that workers run a job with it.

        Raises:
            StepFailedError: one uses another, or too few were seen.
        """
        wanted = self._value(context)
        if not self._is_set(context, wanted):
            kind = handing.kind_of(context)
            message = f"Coolify says another {kind.variable} than was set: somebody changed it"
            hint = "the next deployment would bring that one; let nobody change it meanwhile"
            raise StepFailedError("variable-changed", message, where=self._uuid(context), hint=hint)
        return Proof(evidence=self._proven(context, wanted))

    def revert(self, context: Context) -> Proof:
        """Tell the old value again, deploy it where it does not run, and prove it.

        Raises:
            NeedsPersonError: it cannot be brought back, or not be proven.
        """
        pair = handing.pair_of(context)
        rollout.settle_order(context, self._order(context, self._last_prefix(context)))
        try:
            self._set(context, pair.old)
            if not self._runs(context, pair.old):
                rollout.deploy(context, self._order(context, "revert"))
            return Proof(evidence=self._proven(context, pair.old))
        except StepFailedError as error:
            kind = handing.kind_of(context)
            hint = f"in Coolify: set {kind.variable} as it was, deploy, then: invoke health.check"
            raise NeedsPersonError(f"{self.name}-not-back", error.message, hint=hint) from error

    def is_past(self, context: Context) -> bool:
        """Return whether the old value is being taken away."""
        del context
        return self._is_alone

    def _uuid(self, context: Context) -> str:
        """Return the application."""
        target = context.config.target
        return target.worker_uuid if self._of_workers else target.api_uuid

    def _value(self, context: Context) -> Secret:
        """Return what the application is to be told."""
        pair = handing.pair_of(context)
        return pair.coming if self._is_alone else credentials.both(handing.kind_of(context), pair)

    def _is_set(self, context: Context, wanted: Secret) -> bool:
        """Return whether the next deployment is told a value."""
        found = context.world.platform.value(self._uuid(context), handing.kind_of(context).variable)
        return found is not None and found.reveal() == wanted.reveal()

    def _set(self, context: Context, value: Secret) -> None:
        """Tell the next deployment a value; one that is told already is not set again."""
        if not self._is_set(context, value):
            context.world.platform.change_value(self._uuid(context), handing.kind_of(context).variable, value)

    def _runs(self, context: Context, value: Secret) -> bool:
        """Return whether one look finds the value in use, and no other."""
        wanted = handing.fingerprint(context, value)
        variable = handing.kind_of(context).variable
        return arrivals.is_everywhere(context, variable, wanted, of_workers=self._of_workers)

    def _proven(self, context: Context, value: Secret) -> dict[str, str]:
        """Return what proves that a value is in use."""
        variable, wanted = handing.kind_of(context).variable, handing.fingerprint(context, value)
        watch = (arrivals.WorkerWatch if self._of_workers else arrivals.ApiWatch)(context, variable, wanted)
        if not watch.is_steady:
            service = "worker" if self._of_workers else "api"
            raise StepFailedError("secret-not-arrived", watch.said, hint=rollout.log_hint(context, service))
        if not self._of_workers:
            return watch.evidence
        wish = canary.Wish(commit=context.plan.target_commit, builds=frozenset(), api_commit=None)
        return {**watch.evidence, **canary.run(context, wish).evidence}

    def _order(self, context: Context, prefix: str) -> rollout.Order:
        """Return the order to deploy what runs once more."""
        commit, uuid = context.plan.target_commit, self._uuid(context)
        pin = artifacts.previous(context.plan, uuid)
        return rollout.Order(app_uuid=uuid, commit=commit, prefix=prefix, notes=self._notes(context), pin=pin)

    def _prefix(self, context: Context) -> str:
        """Return where this try's ids are noted; after one that came to nothing, the next."""
        last = self._last_prefix(context)
        uuid = self._notes(context).get(f"{last}_id")
        if not uuid or not self._has_failed(context, str(uuid)):
            return last
        tries = int(self._notes(context).get("tries", 1)) + 1
        context.note({"tries": tries})
        return f"deploy{tries}"

    def _last_prefix(self, context: Context) -> str:
        """Return where the last try's ids are noted."""
        return f"deploy{int(self._notes(context).get('tries', 1))}"

    def _notes(self, context: Context) -> dict[str, Any]:
        """Return what this step wrote down."""
        return dict(context.notes.get(self.name, {}))

    @staticmethod
    def _has_failed(context: Context, uuid: str) -> bool:
        """Return whether a deployment is known to have come to nothing."""
        try:
            seen = context.world.platform.deployment(uuid)
        except GonogoError:
            return False
        return seen is not None and seen.status.startswith(_FAILED)
