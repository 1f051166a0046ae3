"""A ready-made image is named exactly, so that there is something to go back to."""

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, PinKind, Severity

_RULE = "image-is-exact"
_NAME = "docker_registry_image_tag"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block an image application that runs `latest`, said or unsaid; one that is built has nothing to say."""
    del config
    return tuple(finding for app in (facts.platform.api, facts.platform.worker) for finding in _tag(app))


def _tag(application: Application) -> tuple[Finding, ...]:
    """Judge one application's tag."""
    if application.settings.get("build_pack") != "dockerimage" and application.pin.kind is PinKind.COMMIT:
        return ()
    tag = application.settings.get(_NAME, application.pin.ref)
    if tag and tag != "latest":
        message = f"{application.name}: runs the image {tag}"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    said = "runs the tag `latest`" if tag else "names no tag, which is `latest`"
    message = (
        f"{application.name}: {said}: nobody can say which image that was, so a rollback would deploy whatever it "
        "means by then"
    )
    hint = f"set {places.of(_NAME)} to the tag or digest that runs now, and deploy once"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
