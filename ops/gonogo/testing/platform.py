"""Coolify and the service that it runs, in memory."""

from dataclasses import replace

from gonogo.errors import AnswerLostError, UnreachableError
from gonogo.model import Application, Deployment, JobState, Pin, PinKind, Readiness, Secret, Variable, WorkerBeat
from gonogo.testing.state import API, Fake, build_of


class MemoryPlatform(Fake):
    """Coolify, as quick and as honest as the scene has it."""

    def version(self) -> str:
        """Return a version."""
        self.scene.reach("platform")
        return "4.3.11"

    def missing_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return what the scene says."""
        del app_uuid
        return self.scene.missing_abilities

    def missing_optional_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return what the scene says."""
        del app_uuid
        return self.scene.missing_optional_abilities

    def application(self, uuid: str) -> Application:
        """Return an application that rolls."""
        return Application(
            uuid=uuid,
            name=uuid.removesuffix("-uuid"),
            status="running:healthy",
            pin=self._pin(uuid),
            git_repository="repository",
            rolling=True,
            why_not_rolling="",
            health_checked=uuid == API,
            settings=dict(self.scene.settings.get(uuid, {})),
            restart_count=self.scene.restarts.get(uuid, 0),
        )

    def variables(self, uuid: str) -> tuple[Variable, ...] | None:
        """Return what the scene says."""
        return self.scene.variables.get(uuid, ())

    def value(self, uuid: str, key: str) -> Secret | None:
        """Return what the next deployment is handed."""
        found = self.scene.told.get((uuid, key))
        return None if found is None else Secret(key, found)

    def change_value(self, uuid: str, key: str, value: Secret) -> None:
        """Set what the next deployment is handed."""
        with self.scene.effect("platform.change_value", f"{uuid} {key}"):
            self.scene.told[uuid, key] = value.reveal()

    def _pin(self, uuid: str) -> Pin:
        """Return what is pinned."""
        ref, image = self.scene.pinned[uuid], self.scene.images.get(uuid)
        return Pin(kind=PinKind.TAG, ref=ref, image=image) if image else Pin.of_commit(ref)

    def pin(self, uuid: str, pin: Pin) -> None:
        """Set what the next deployment runs."""
        if self.scene.pinned[uuid] != pin.ref:
            with self.scene.effect("platform.pin", f"{uuid} {pin.ref}"):
                self.scene.pinned[uuid] = pin.ref

    def trigger(self, uuid: str, *, force: bool = False) -> str:
        """Deploy what is pinned."""
        if not force and self._happens("skipped"):
            with self.scene.effect("platform.skip", uuid):
                return "phantom"
        if self._happens("busy"):
            with self.scene.effect("platform.refuse", uuid):
                raise UnreachableError(
                    "deploy-queue-full", "the queue is full, and nothing was queued", hint="wait 60 s"
                )
        with self.scene.effect("platform.trigger", f"{uuid} {self.scene.pinned[uuid]}"):
            if self._happens("swallowed"):
                raise AnswerLostError("no-answer", "the answer was lost")
            made = self._made(uuid)
        if self._happens("lost_answers"):
            raise AnswerLostError("no-answer", "the answer was lost")
        return "phantom" if self._happens("phantom_ids") else made.uuid

    def deployment(self, uuid: str) -> Deployment | None:
        """Return a deployment as it stands now."""
        if self._happens("silences"):
            raise UnreachableError("coolify-down", "Coolify answers HTTP 502")
        return next((self._seen(each) for each in self._shown() if each.uuid == uuid), None)

    def recent(self, app_uuid: str) -> tuple[Deployment, ...]:
        """Return an application's deployments as they stand now, newest first."""
        self.scene.reach("deployments")
        shown = reversed(self._shown())
        return tuple(self._seen(each) for each in shown if each.application_uuid == app_uuid)

    def active(self) -> tuple[Deployment, ...]:
        """Return the deployments that are not over now, newest first."""
        seen = (self._seen(each) for each in reversed(self._shown()))
        return tuple(each for each in seen if each.status in {"queued", "in_progress"})

    def _happens(self, mishap: str) -> bool:
        """Return whether a mishap is still to happen, and count it off."""
        left = getattr(self.scene, mishap)
        setattr(self.scene, mishap, max(0, left - 1))
        return bool(left)

    def _made(self, app_uuid: str) -> Deployment:
        """Add a deployment of what is pinned."""
        commit, number = self.scene.pinned[app_uuid], len(self.scene.deployments) + 1
        status = self.scene.deploy_ends.get(commit, "finished")
        said = "HEAD" if app_uuid in self.scene.images else commit
        made = Deployment(
            uuid=f"d{number}", number=number, application_uuid=app_uuid, commit=said, status=status, ended=True
        )
        self.scene.brings[made.uuid] = commit
        self.scene.deployments.append(made)
        self.scene.asked_at[made.uuid] = self.scene.seconds
        self.scene.land()
        return made

    def _shown(self) -> list[Deployment]:
        """Return the deployments that Coolify shows by now."""
        return [each for each in self.scene.deployments if self.scene.age(each) >= self.scene.appears_s]

    def _seen(self, each: Deployment) -> Deployment:
        """Return a deployment as it stands now; one that is to end as in_progress never ends."""
        scene = self.scene
        if scene.age(each) < scene.deploy_s or each.status in {"queued", "in_progress"}:
            status = each.status if each.status == "queued" else "in_progress"
            return replace(each, status=status, ended=False)
        return replace(each, ended=scene.age(each) >= scene.deploy_s + scene.linger_s)


class MemoryService(Fake):
    """The service, as the scene has it."""

    def ready(self) -> Readiness:
        """Return what serves."""
        scene = self.scene
        if "service" in scene.down:
            return Readiness(status_code=0, ready=False, commit=None, schema_revision=None, detail="", ms=0.0)
        scene.looks += 1
        if scene.answers:
            return scene.answers[scene.looks % len(scene.answers)]
        detail = scene.unready.get(scene.serving, "")
        return Readiness(
            status_code=503 if detail else 200,
            ready=not detail,
            commit=scene.serving,
            schema_revision=scene.schema,
            detail=detail,
            ms=scene.probe_ms,
            build_id=build_of(scene.serving),
            fingerprint=scene.fingerprint,
            replica=scene.replicas[scene.looks % len(scene.replicas)],
        )

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return the workers' heartbeats."""
        if self.scene.beats is not None:
            return self.scene.beats
        return (*self.scene.at_work(), *reversed(self.scene.retired))

    def start_canary(self) -> str:
        """Take the canary job."""
        with self.scene.effect("service.canary"):
            return "job"

    def job(self, job_id: str) -> JobState:
        """Return the job, done by whoever works."""
        working, status = self.scene.working, "done" if self.scene.working else "queued"
        return self.scene.canary or JobState(
            id=job_id,
            status=status,
            commit=working,
            error=None,
            build_id=build_of(working) if working else None,
            found_by="message" if working else None,
            origin=self.scene.serving,
        )
