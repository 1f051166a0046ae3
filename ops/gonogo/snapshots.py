"""A release as it stands on an environment: what serves, and how both applications are set up. Changes nothing."""

from collections.abc import Sequence

from gonogo.model import (
    Application,
    AppSnapshot,
    Config,
    Facts,
    Pin,
    PinKind,
    Readiness,
    Snapshot,
    Variable,
    WorkerBeat,
)
from gonogo.protocols import World

# An application with its variables, which are None where they may not be read.
Seen = tuple[Application, tuple[Variable, ...] | None]


def of(facts: Facts) -> Snapshot:
    """Return the environment as it was found."""
    platform = facts.platform
    return _composed(
        (platform.api, platform.api_variables),
        (platform.worker, platform.worker_variables),
        ready=facts.ready,
        beats=facts.workers,
        schema_revision=facts.database.revision,
    )


def taken(world: World, config: Config) -> Snapshot:
    """Look at an environment as it is now.

    Raises:
        GonogoError: Coolify or the database does not answer, or not as expected.
    """
    api, worker = config.target.api_uuid, config.target.worker_uuid
    return _composed(
        (world.platform.application(api), world.platform.variables(api)),
        (world.platform.application(worker), world.platform.variables(worker)),
        ready=world.service.ready(),
        beats=world.service.workers(),
        schema_revision=world.database.revision(),
    )


def _composed(
    api: Seen, worker: Seen, *, ready: Readiness, beats: Sequence[WorkerBeat], schema_revision: str | None
) -> Snapshot:
    """Return what was seen as one record; workers that differ in their configuration have no fingerprint."""
    working = {beat.fingerprint for beat in beats if beat.state == "running"}
    return Snapshot(
        commit=ready.commit or "",
        schema_revision=schema_revision,
        api=_app(api, ready.commit, ready.fingerprint),
        worker=_app(worker, ready.commit, working.pop() if len(working) == 1 else None),
    )


def _app(seen: Seen, commit: str | None, fingerprint: str | None) -> AppSnapshot:
    """Return one application; a commit that serves says more than what the next deployment would build."""
    application, variables = seen
    is_commit = application.pin.kind is PinKind.COMMIT and commit
    return AppSnapshot(
        uuid=application.uuid,
        pin=Pin.of_commit(commit or "") if is_commit else application.pin,
        settings=application.settings,
        variables={each.key: each.fingerprint for each in variables or ()},
        fingerprint=fingerprint,
    )
