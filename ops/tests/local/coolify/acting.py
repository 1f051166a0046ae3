"""One rollout step against a stage: what the operator sees, and what the world is in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from gonogo.errors import ConfigurationError, GonogoError
from gonogo.local.coolify.records import Application
from gonogo.model import AppSnapshot, Limits, Pin, PinKind, Plan, Snapshot
from gonogo.protocols import Context, Proof, Step
from gonogo.steps.api_rollout import ApiRollout
from gonogo.steps.worker_rollout import WorkerRollout
from gonogo.testing import OLD, Scene, config
from tests.local.coolify.stage import Stage
from tests.unit.releases import planned

STEPS: Mapping[str, type[Step]] = {"api": ApiRollout, "worker": WorkerRollout}
LIMITS = Limits(
    poll_s=5.0, deploy_timeout_s=90.0, settle_s=6.0, prove_timeout_s=40.0, worker_beat_s=5.0, canary_timeout_s=10.0
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """How a way ended.

    Attributes:
        error: None when it was proven.
        runs: the versions that run afterwards.
    """

    error: GonogoError | None
    runs: list[str]

    @property
    def reference(self) -> str:
        """Return the error's reference; `done` when there is none."""
        return self.error.reference if self.error else "done"

    @property
    def said(self) -> str:
        """Return everything that the operator reads."""
        if self.error is None:
            return ""
        problems = self.error.problems if isinstance(self.error, ConfigurationError) else ()
        return " | ".join((self.error.message, self.error.where, self.error.why, self.error.hint, *problems))


@dataclass(kw_only=True)
class Actor:
    """Carries one step out, forward and back, and keeps its notes."""

    stage: Stage
    service: str

    def __post_init__(self) -> None:
        """Begin without notes."""
        self._step = STEPS[self.service]()
        self._notes: dict[str, dict[str, Any]] = {self._step.name: {}}
        self._client = self.stage.client()
        before = Snapshot(
            commit=OLD,
            schema_revision="r1",
            api=AppSnapshot(uuid=self.stage.api.uuid, pin=_pinned(self.stage.app("api"))),
            worker=AppSnapshot(uuid=self.stage.worker.uuid, pin=_pinned(self.stage.app("worker"))),
        )
        self._plan = replace(_plan(), before=before)

    def forward(self) -> Seen:
        """Do what a release does: ask whether it is so already, make it so, prove it."""
        return self._seen(self._go)

    def back(self) -> Seen:
        """Do what a failed release does: bring the old version back and prove it."""
        return self._seen(lambda: self._step.revert(self._context()))

    def _go(self) -> Proof:
        if not self._step.check(self._context()):
            self._step.apply(self._context())
        return self._step.verify(self._context())

    def _seen(self, way: Any) -> Seen:
        error: GonogoError | None = None
        try:
            way()
        except GonogoError as raised:
            error = raised
        return Seen(error=error, runs=self.stage.runs(self.service))

    def _context(self) -> Context:
        stage = self.stage
        world = replace(Scene().world(), clock=stage.time, platform=self._client, service=stage.service)
        settings = config()
        # An image's tag is the commit that it was built from.
        artifact = replace(settings.artifact, image_tag="{commit}")
        target = replace(settings.target, api_uuid=stage.api.uuid, worker_uuid=stage.worker.uuid, limits=LIMITS)
        return Context(
            world=world,
            config=replace(settings, target=target, artifact=artifact),
            plan=self._plan,
            notes=self._notes,
            note=self._notes[self._step.name].update,
        )


def _pinned(app: Application) -> Pin:
    """Return what an application runs when the step begins."""
    if app.is_image:
        return Pin(kind=PinKind.TAG, ref=OLD, image=app.text("docker_registry_image_name") or "")
    return Pin.of_commit(OLD)


@cache
def _plan() -> Plan:
    """Return the plan from the old commit to the new one."""
    return planned(Scene())
