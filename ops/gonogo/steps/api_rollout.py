"""Deploy the API and prove that the new version is the only one that answers."""

from gonogo import artifacts, rollout
from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import Finding, Pin, Plan, Readiness, Severity, version_of
from gonogo.protocols import Context, Proof, StepKind


class ApiRollout:
    """Step 6: new beside old, then only new."""

    name = "api-rollout"
    kind = StepKind.CHANGE

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""
        return f"deploy {plan.target_version}, prove that it alone serves"

    def check(self, context: Context) -> bool:
        """Return whether the target serves already and no deployment is under way."""
        rollout.settle(context, context.config.target.api_uuid)
        return _serves(context.world.service.ready(), context.plan.target_commit)

    def apply(self, context: Context) -> None:
        """Pin the commit, deploy, wait for the true end."""
        uuid, commit = context.config.target.api_uuid, context.plan.target_commit
        pin = artifacts.target(context.plan, context.world.platform.application(uuid), context.config.artifact)
        ended = rollout.deploy(context, _order(context, commit, "deploy", pin=pin))
        context.note({"deployment": ended.uuid})

    def verify(self, context: Context) -> Proof:
        """Prove over fresh connections that the target alone answers, ready and from every replica, while it settles.

        Raises:
            StepFailedError: another version answers, it is not ready, or a replica was not seen.
        """
        seen = _Watch(context, context.plan.target_commit)
        if seen.is_steady:
            drift = artifacts.drift_from_goal(context.plan, context.config.target.api_uuid, "API", seen.fingerprint)
            return Proof(evidence=seen.evidence, findings=(*seen.findings, *drift, *_schema(context, seen.last)))
        raise StepFailedError("api-not-proven", seen.said, where=context.config.target.api_url)

    def revert(self, context: Context) -> Proof:
        """Bring the previous version back, and prove that it alone serves.

        Raises:
            NeedsPersonError: it cannot be brought back, or not be proven.
        """
        uuid, previous = context.config.target.api_uuid, context.plan.previous_commit
        rollout.settle_order(context, _order(context, context.plan.target_commit, "deploy", pin=None))
        order = _order(context, previous, "revert", pin=artifacts.previous(context.plan, uuid))
        rollout.pin(context, order)
        if _serves(context.world.service.ready(), previous):
            seen = _Watch(context, previous)
            if seen.is_steady:
                return _back(context, seen)
        rollout.deploy(context, order)
        seen = _Watch(context, previous)
        if seen.is_steady:
            return _back(context, seen)
        plan = context.plan
        hint = f"deploy {plan.previous_version} in Coolify, then: invoke health.check --env {plan.environment}"
        raise NeedsPersonError("api-not-back", seen.said, where=context.config.target.api_url, hint=hint)


class _Watch:
    """What the ready probe said over the settling time: one commit, one build, one configuration, every replica."""

    def __init__(self, context: Context, commit: str) -> None:
        """Watch until it was so for the settling time, or time is up."""
        self.commit = commit
        self.last: Readiness | None = None
        self._expected = context.config.target.replicas
        self._service = context.world.service
        self._window: list[Readiness] = []
        self._stray: Readiness | None = None
        self._differing = ""
        self.is_steady = rollout.steady(context, self._is_good, self._is_enough)

    def _is_good(self) -> bool:
        """Ask once; what is not as the answers before begins the window anew."""
        self.last = self._service.ready()
        if not _serves(self.last, self.commit):
            self._stray = self.last
            self._window.clear()
            return False
        if self._window and _made(self._window[0]) != _made(self.last):
            self._differing = _differing(self._window[0], self.last)
            self._window.clear()
            return False
        self._window.append(self.last)
        return True

    def _is_enough(self) -> bool:
        """Return whether so many looks met every replica; a service that does not tell them apart is believed."""
        seen = self._replicas()
        return len(self._window) >= rollout.LOOKS and (not seen or len(seen) >= self._expected)

    def _replicas(self) -> set[str]:
        """Return the processes that answered."""
        return {each.replica for each in self._window if each.replica}

    @property
    def said(self) -> str:
        """Return what was seen instead."""
        if self.last and _serves(self.last, self.commit) and (wrong := self._missing() or self._differing):
            return wrong
        last = self._stray or self.last
        if last is None or last.status_code == 0:
            return "nothing answers"
        detail = f", not ready: {last.detail}" if not last.ready else ""
        return f"{version_of(last.commit)} answers, expected {version_of(self.commit)}{detail}"

    def _missing(self) -> str:
        """Return which replicas were not seen; empty when all were."""
        seen = self._replicas()
        if not seen or len(seen) >= self._expected:
            return ""
        where = "the others do not run, or the front does not send to them"
        return f"{len(seen)} of {self._expected} replicas answered {len(self._window)} probes: {where}"

    @property
    def evidence(self) -> dict[str, str]:
        """Return what was seen, in words."""
        build, fingerprint = _made(self._window[0])
        seen = self._replicas()
        return {
            "serving": version_of(self.commit),
            "probes": f"{len(self._window)}, each on a fresh connection",
            "replicas": f"{len(seen)} seen, {self._expected} expected" if seen else "not told apart",
            "build": build or "not told",
            "configuration": fingerprint or "not told: set CONFIG_FINGERPRINT_KEY, the same for API and worker",
        }

    @property
    def fingerprint(self) -> str | None:
        """Return the configuration's fingerprint; None when it was not told."""
        return self._window[0].fingerprint

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what a person should weigh about the number of replicas."""
        seen = len(self._replicas())
        if seen > self._expected:
            message = f"{seen} processes of the API answered, {self._expected} expected"
            hint = (
                "one that restarts counts anew: read the API's log; or set replicas of the environment in gonogo.toml"
            )
            return (_advice("api-replicas", message, hint),)
        if not seen and self._expected > 1:
            message = f"the API does not tell its replicas apart: whether all {self._expected} were seen is not known"
            return (_advice("api-replicas", message, "let its ready probe say `replica`"),)
        return ()


def _order(context: Context, commit: str, prefix: str, *, pin: Pin | None) -> rollout.Order:
    """Return the order to deploy the API."""
    notes = dict(context.notes.get(ApiRollout.name, {}))
    return rollout.Order(app_uuid=context.config.target.api_uuid, commit=commit, prefix=prefix, notes=notes, pin=pin)


def _serves(ready: Readiness, commit: str) -> bool:
    """Return whether an answer comes from a ready process of one commit."""
    return ready.ready and ready.commit == commit


def _made(ready: Readiness) -> tuple[str | None, str | None]:
    """Return which build answered, and how it is set up."""
    return ready.build_id, ready.fingerprint


def _differing(one: Readiness, other: Readiness) -> str:
    """Return how two answers of one commit differ."""
    version = version_of(other.commit)
    if one.build_id != other.build_id:
        return f"two builds of {version} answer: {one.build_id} and {other.build_id}"
    return f"processes of {version} answer that are not set up alike: {one.fingerprint} and {other.fingerprint}"


def _schema(context: Context, last: Readiness | None) -> tuple[Finding, ...]:
    """Return a finding when the API sees another schema than the plan has led to."""
    seen, planned = last.schema_revision if last else None, context.plan.target_revision
    if seen is None or seen == planned:
        return ()
    message = f"the API sees the schema at {seen}, planned was {planned}"
    return (_advice("api-schema", message, f"invoke migrate.plan --env {context.plan.environment}"),)


def _back(context: Context, seen: _Watch) -> Proof:
    """Return the proof of a way back; a configuration that has changed since is told, it cannot be brought back."""
    drift = artifacts.drift_from_before(context.plan, context.config.target.api_uuid, "API", seen.fingerprint)
    return Proof(evidence=seen.evidence, findings=(*seen.findings, *drift))


def _advice(rule: str, message: str, hint: str) -> Finding:
    """Return a finding that a person should weigh."""
    return Finding(rule=rule, severity=Severity.ADVISE, message=message, hint=hint)
