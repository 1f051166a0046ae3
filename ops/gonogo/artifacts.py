"""What a release deploys: the commit that the platform builds, or its ready-made image; and how often it must run.

May not talk to anything outside.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gonogo.errors import ConfigurationError
from gonogo.model import Application, Artifact, Pin, PinKind, Plan, version_of

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


def target(application: Application, commit: str, artifact: Artifact) -> Pin:
    """Return what an application must be pinned to for a commit to run.

    Raises:
        ConfigurationError: it runs ready-made images, and nobody said how they are tagged.
    """
    if application.pin.kind is PinKind.COMMIT:
        return Pin.of_commit(commit)
    if artifact.image_tag:
        return Pin(kind=PinKind.TAG, ref=_filled(artifact.image_tag, commit), image=application.pin.image)
    message = f"{application.name} runs the image {application.pin.image}, and nothing says which tag a commit has"
    problem = 'artifact.image_tag: set it in gonogo.toml to what your CI tags images with, such as "{commit}"'
    raise ConfigurationError("image-tag-unset", message, problems=(problem,))


def previous(plan: Plan, app_uuid: str) -> Pin:
    """Return what an application was pinned to before a release; its commit where nobody wrote that down."""
    found = [app.pin for app in (plan.before.api, plan.before.worker) if app.uuid == app_uuid] if plan.before else []
    return found[0] if found and found[0].ref else Pin.of_commit(plan.previous_commit)


def fingerprint_before(plan: Plan, app_uuid: str) -> str | None:
    """Return the fingerprint of an application's configuration before a release; None where nobody knows."""
    found = [app for app in (plan.before.api, plan.before.worker) if app.uuid == app_uuid] if plan.before else []
    return found[0].fingerprint if found else None


def words(pin: Pin) -> str:
    """Return what a pin names, for people."""
    if pin.kind is PinKind.COMMIT:
        return version_of(pin.ref)
    return f"{pin.image}:{pin.ref}" if pin.kind is PinKind.TAG else f"{pin.image}@sha256:{pin.ref[:12]}"


def _filled(tag: str, commit: str) -> str:
    """Return a tag with its placeholders filled in."""
    return tag.replace("{commit}", commit).replace("{version}", version_of(commit))
