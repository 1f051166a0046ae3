"""The new container of a deployment: what is in it, what it is told, how it is probed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gonogo.local.coolify.faults.fault import Sabotage
from gonogo.local.coolify.faults.table import changed, hitting
from gonogo.local.coolify.ports import Builder, BuildError
from gonogo.local.coolify.records import Application, Container, HealthCheck
from gonogo.local.coolify.rows import Row
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.version import ROLLBACK_TAKES_TAG, at_least
from gonogo.model import Checkout

_DIGEST = "@sha256"


def sabotages(row: Row) -> tuple[Sabotage, ...]:
    """Return what hits a deployment; for a ready-made image, faults of the commit that is in it."""
    app = row.app
    commit = held(row.store, app.image) or app.text("docker_registry_image_tag") if app.is_image else wanted(row)
    armed = (item for item in row.store.faults if item.armed_at is not None)
    return hitting(armed, service=app.name, commit=commit or "")


def wanted(row: Row) -> str:
    """Return the ref that a git application's deployment is of."""
    commit = row.now.commit
    return commit if commit != "HEAD" else row.app.text("git_commit_sha") or "HEAD"


def held(store: Store, image: str) -> str | None:
    """Return the commit that an image of the registry holds; None when there is no such image."""
    name, _, tag = image.rpartition(":")
    pinned = f"{name.removesuffix(_DIGEST)}:sha256-{tag}" if name.endswith(_DIGEST) else image
    found = store.images.get(pinned)
    return found.commit if found else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Maker:
    """Makes what a container runs, and the container."""

    store: Store
    builder: Builder

    async def built(self, row: Row, found: Sequence[Sabotage]) -> Checkout:
        """Return what a git application's deployment builds.

        Raises:
            BuildError: there is no such commit, or it cannot be built.
        """
        app = row.app
        commit = await self.builder.resolve(app.text("git_repository") or "", wanted(row))
        if row.now.commit != commit:
            row.change(commit=commit)
        if words := next((each.build_says for each in found if each.build_says), ""):
            raise BuildError(words)
        row.log(f"Building docker image of {commit}.")
        return await self.builder.build(self._really(app, found) or commit)

    async def pulled(self, row: Row, found: Sequence[Sabotage]) -> Checkout:
        """Return what is in a ready-made image: its tag is a commit, or the registry knows what it holds.

        Raises:
            BuildError: the registry has no such tag, or does not answer.
        """
        app = row.app
        image = self._asked(row)
        row.log(f"Pulling {image}.")
        if words := next((each.pull_says for each in found if each.pull_says), ""):
            raise BuildError(words)
        commit = held(self.store, image)
        try:
            commit = commit or await self.builder.resolve(app.text("git_repository") or "", image.rpartition(":")[2])
        except BuildError as error:
            message = f"manifest for {image} not found: manifest unknown"
            raise BuildError(message) from error
        return await self.builder.build(self._really(app, found) or commit)

    def container(self, row: Row, checkout: Checkout, found: Sequence[Sabotage]) -> Container:
        """Return the new container; nothing runs yet."""
        app = row.app
        name = f"{app.uuid}-{self.store.clock.now():%H%M%S%f}"
        if app.settings.get("is_consistent_container_name_enabled"):
            name = app.uuid
        conduct = next((each.conduct for each in found if each.conduct), "")
        repository = app.text("docker_registry_image_name") or app.uuid
        return Container(
            number=self.store.number(),
            uuid=name,
            app=app.uuid,
            service=app.name,
            commit=checkout.commit,
            path=checkout.path,
            python=checkout.python,
            environment=changed(self._environment(app, row.now.commit, container=name), found),
            health=health(app),
            serves=app.text("fqdn") is not None,
            image=app.image if app.is_image else f"{repository}:{row.now.commit}",
            started_at=self.store.now(),
            conduct=conduct,
        )

    def _asked(self, row: Row) -> str:
        """Return the image to pull; until after 4.3.11 a rollback's own tag is ignored."""
        app, version = row.app, self.store.server.version
        if row.now.rollback and at_least(version, ROLLBACK_TAKES_TAG):
            return f"{app.text('docker_registry_image_name')}:{row.now.commit}"
        return app.image

    def _really(self, app: Application, found: Sequence[Sabotage]) -> str | None:
        """Return the commit that is made again in place of what was asked for."""
        commits = [row.commit for row in self.store.containers if row.app == app.uuid]
        return commits[-1] if commits and any(each.stale for each in found) else None

    def _environment(self, app: Application, commit: str, *, container: str) -> Mapping[str, str]:
        """Return what the container gets: what Coolify injects, and the variables over it."""
        fqdn = app.text("fqdn") or ""
        injected = {
            "SOURCE_COMMIT": commit,
            "COOLIFY_URL": fqdn,
            "COOLIFY_FQDN": fqdn.partition("://")[2],
            "COOLIFY_BRANCH": app.text("git_branch") or "",
            "COOLIFY_RESOURCE_UUID": app.uuid,
            "COOLIFY_CONTAINER_NAME": container,
            "HOST": "0.0.0.0",  # noqa: S104  # what Coolify says; the start command listens on loopback
        }
        own = {
            row.key: row.value or ""
            for row in self.store.variables
            if row.app == app.uuid and not row.is_preview and row.is_runtime
        }
        return {**injected, **own}


def health(app: Application) -> HealthCheck | None:
    """Return how an application's containers are probed; None when they are not."""
    if not app.fields.get("health_check_enabled"):
        return None
    by_command = app.fields.get("health_check_type") == "cmd"
    return HealthCheck(
        path=app.text("health_check_path") or "/",
        interval=app.number_of("health_check_interval"),
        timeout=app.number_of("health_check_timeout"),
        retries=app.number_of("health_check_retries"),
        start_period=app.number_of("health_check_start_period"),
        possible=bool(by_command or app.text("health_check_port") or app.text("ports_exposes")),
    )
