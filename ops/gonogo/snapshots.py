"""A release as it stands on an environment: what it was set up with, put together from what was seen. Pure."""

from gonogo.model import Application, AppSnapshot, Facts, Pin, PinKind, Snapshot, Variable


def of(facts: Facts) -> Snapshot:
    """Return the environment as it was found: what serves, and how both applications are set up."""
    beats = {beat.fingerprint for beat in facts.workers if beat.state == "running"}
    platform = facts.platform
    return Snapshot(
        commit=facts.previous_commit or "",
        schema_revision=facts.database.revision,
        api=_app(platform.api, platform.api_variables, facts, facts.ready.fingerprint),
        worker=_app(platform.worker, platform.worker_variables, facts, beats.pop() if len(beats) == 1 else None),
    )


def _app(
    seen: Application, variables: tuple[Variable, ...] | None, facts: Facts, fingerprint: str | None
) -> AppSnapshot:
    """Return one application; a commit that serves says more than what the next deployment would build."""
    is_commit = seen.pin.kind is PinKind.COMMIT and facts.previous_commit
    return AppSnapshot(
        uuid=seen.uuid,
        pin=Pin.of_commit(facts.previous_commit or "") if is_commit else seen.pin,
        settings=seen.settings,
        variables={each.key: each.fingerprint for each in variables or ()},
        fingerprint=fingerprint,
    )
