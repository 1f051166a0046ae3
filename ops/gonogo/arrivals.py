"""Whether a secret has arrived: every process of the API and every worker shows the fingerprint of one value."""

from gonogo import rollout
from gonogo.errors import GonogoError
from gonogo.model import Secret, SecretsSeen, WorkerSecrets
from gonogo.protocols import Context

_BEATING = {"running", "stopping"}


class ApiWatch:
    """What the API said over the settling time: one fingerprint, from every replica."""

    def __init__(self, context: Context, variable: str, wanted: str) -> None:
        """Watch until it was so for the settling time, or time is up."""
        self._context, self._variable, self._wanted = context, variable, wanted
        self._replicas: set[str] = set()
        self._looks = 0
        self._wrong = "nothing answers"
        self.is_steady = rollout.steady(context, self._is_good, self._is_enough)

    def _is_good(self) -> bool:
        """Ask once; another answer begins the window anew."""
        self._wrong = self._look()
        if self._wrong:
            self._replicas.clear()
            self._looks = 0
        return not self._wrong

    def _look(self) -> str:
        """Ask once, and return what is not as it must be; empty when nothing is."""
        try:
            seen = self._context.world.usage.secrets()
        except GonogoError as error:
            return error.message
        shown = seen.secrets.get(self._variable)
        if shown != self._wanted:
            return f"a process of the API uses {shown or 'none'}, expected {self._wanted}"
        self._looks += 1
        self._replicas.add(seen.replica)
        return ""

    def _is_enough(self) -> bool:
        """Return whether so many looks met every replica."""
        return self._looks >= rollout.LOOKS and len(self._replicas) >= self._context.config.target.replicas

    @property
    def said(self) -> str:
        """Return what was seen instead."""
        expected = self._context.config.target.replicas
        return self._wrong or f"{len(self._replicas)} of {expected} replicas answered {self._looks} probes"

    @property
    def evidence(self) -> dict[str, str]:
        """Return what was seen, in words."""
        expected = self._context.config.target.replicas
        return {
            "API uses": f"{self._variable} {self._wanted}",
            "replicas": f"{len(self._replicas)} seen, {expected} expected",
        }


class WorkerWatch:
    """What the heartbeats said over the settling time: one fingerprint, from enough workers."""

    def __init__(self, context: Context, variable: str, wanted: str) -> None:
        """Watch until it was so for the settling time, or time is up."""
        self._context, self._variable, self._wanted = context, variable, wanted
        self._seen: tuple[WorkerSecrets, ...] = ()
        self._wrong = "nothing answers"
        self.is_steady = rollout.steady(context, self._is_good)

    def _is_good(self) -> bool:
        """Look once."""
        try:
            self._seen = beating(self._context, self._context.world.usage.secrets())
        except GonogoError as error:
            self._wrong = error.message
            return False
        self._wrong = self._differing()
        return not self._wrong

    def _differing(self) -> str:
        """Return what is not as it must be; empty when nothing is."""
        others = {each.secrets.get(self._variable) for each in self._seen} - {self._wanted}
        if others:
            named = ", ".join(sorted(each or "none" for each in others))
            return f"a worker uses {named}, expected {self._wanted}"
        expected = self._context.config.target.worker_replicas
        return f"{len(self._seen)} of {expected} workers beat" if len(self._seen) < expected else ""

    @property
    def said(self) -> str:
        """Return what was seen instead."""
        return self._wrong or f"workers that use {self._wanted} do not beat without a break"

    @property
    def evidence(self) -> dict[str, str]:
        """Return what was seen, in words."""
        expected = self._context.config.target.worker_replicas
        return {
            "workers use": f"{self._variable} {self._wanted}",
            "workers": f"{len(self._seen)} seen, {expected} expected",
        }


def beating(context: Context, seen: SecretsSeen) -> tuple[WorkerSecrets, ...]:
    """Return the workers that beat now, those that are stopping among them."""
    limit = context.config.target.limits.worker_beat_s
    return tuple(each for each in seen.workers if each.state in _BEATING and each.age_s <= limit)


def is_everywhere(context: Context, variable: str, wanted: str, *, of_workers: bool) -> bool:
    """Return whether one look finds a secret in use, and no other."""
    try:
        seen = context.world.usage.secrets()
    except GonogoError:
        return False
    shown = [each.secrets for each in beating(context, seen)] if of_workers else [seen.secrets]
    return bool(shown) and all(each.get(variable) == wanted for each in shown)


def fingerprint_key(context: Context, name: str) -> Secret | None:
    """Return what the service keys its fingerprints with; None where it is told none."""
    return context.world.platform.value(context.config.target.api_uuid, name)
