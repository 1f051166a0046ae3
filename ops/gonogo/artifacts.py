"""What a release deploys: the commit that the platform builds, or its ready-made image; and how often it must run.

May not talk to anything outside.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gonogo.errors import ConfigurationError
from gonogo.model import Application, AppSnapshot, Artifact, Finding, Pin, PinKind, Plan, Severity, Snapshot, version_of

# What is no artifact that could be deployed again.
_UNSAID = {"", "HEAD"}
_PLACEHOLDERS = ("commit", "version")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def count(table: Mapping[str, Any], key: str, add: Callable[[str], None]) -> int:
    """Return how many processes of a service an environment has; one unless said otherwise.

    Args:
        table: the environment's.
        key: which service's, by its dotted name.
        add: told of a problem.
    """
    value = table.get(key.rsplit(".", 1)[-1], 1)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    add(f"{key} must be a whole number of one or more")
    return 1


def check_tag(artifact: Artifact, add: Callable[[str], None]) -> Artifact:
    """Return the artifact; a tag that cannot be one, or is the same for each release, is told as a problem."""
    tag = artifact.image_tag
    if tag and not any(f"{{{name}}}" in tag for name in _PLACEHOLDERS):
        add(f"artifact.image_tag {tag!r} is the same for each release: write {{commit}} or {{version}} into it")
    elif tag and not _TAG.fullmatch(_filled(tag, "0" * 40)):
        add(f"artifact.image_tag {tag!r} is no tag: letters, digits, _ . - beside {{commit}} and {{version}}")
    return artifact


def target(plan: Plan, application: Application, artifact: Artifact) -> Pin:
    """Return what an application must be pinned to for a plan's target to run.

    What is gone back to was written down when it was released: its very image, whatever the tags mean by now.

    Raises:
        ConfigurationError: it runs ready-made images, and nobody said how they are tagged.
    """
    noted = _of(plan.goal, application.uuid)
    if noted and noted.pin.ref not in _UNSAID:
        return noted.pin
    if application.pin.kind is PinKind.COMMIT:
        return Pin.of_commit(plan.target_commit)
    if artifact.image_tag:
        tag = _filled(artifact.image_tag, plan.target_commit)
        return Pin(kind=PinKind.TAG, ref=tag, image=application.pin.image)
    message = f"{application.name} runs the image {application.pin.image}, and nothing says which tag a commit has"
    problem = 'artifact.image_tag: set it in gonogo.toml to what your CI tags images with, such as "{commit}"'
    raise ConfigurationError("image-tag-unset", message, problems=(problem,))


def previous(plan: Plan, app_uuid: str) -> Pin:
    """Return what an application was pinned to before a release; its commit where nobody wrote that down."""
    noted = _of(plan.before, app_uuid)
    return noted.pin if noted and noted.pin.ref else Pin.of_commit(plan.previous_commit)


def drift_from_goal(plan: Plan, app_uuid: str, name: str, now: str | None) -> tuple[Finding, ...]:
    """Return a finding when an application's configuration is not that of the release that a plan goes back to."""
    return _drift(_of(plan.goal, app_uuid), name, now, when="in the release that is gone back to")


def drift_from_before(plan: Plan, app_uuid: str, name: str, now: str | None) -> tuple[Finding, ...]:
    """Return a finding when an application's configuration is not what it was before a plan was carried out."""
    return _drift(_of(plan.before, app_uuid), name, now, when=f"before the {plan.kind.value}")


def words(pin: Pin) -> str:
    """Return what a pin names, for people."""
    if pin.kind is PinKind.COMMIT:
        return f"commit {version_of(pin.ref)}"
    return f"{pin.image}:{pin.ref}" if pin.kind is PinKind.TAG else f"{pin.image}@sha256:{pin.ref[:12]}"


def _of(snapshot: Snapshot | None, app_uuid: str) -> AppSnapshot | None:
    """Return an application of a snapshot; None where nobody wrote it down."""
    apps = (snapshot.api, snapshot.worker) if snapshot else ()
    return next((app for app in apps if app.uuid == app_uuid), None)


def _drift(noted: AppSnapshot | None, name: str, now: str | None, *, when: str) -> tuple[Finding, ...]:
    """Return a finding when the fingerprint of a configuration is known to be another one."""
    then = noted.fingerprint if noted else None
    if not then or not now or then == now:
        return ()
    message = f"the {name}'s configuration is not what it was {when}: {then} then, {now} now"
    hint = f"in Coolify: compare the {name}'s Environment Variables"
    return (Finding(rule=f"{name.lower()}-configuration", severity=Severity.ADVISE, message=message, hint=hint),)


def _filled(tag: str, commit: str) -> str:
    """Return a tag with its placeholders filled in."""
    return tag.replace("{commit}", commit).replace("{version}", version_of(commit))
