"""What an application's next deployment runs, read from and written to Coolify's fields.

A ready-made image is named by a repository and a tag. A digest has two forms: `repo` with the tag `sha256-<64 hex>`,
or `repo@sha256` with the tag `<64 hex>`. They are never mixed; whichever an application has is kept.
"""

import re
from collections.abc import Mapping
from typing import Any

from gonogo.model import Pin, PinKind

_DIGEST = "[0-9a-f]{64}"
_SUFFIX = "@sha256"
# What Coolify takes for a commit.
_COMMIT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._/-]*")
_HEAD, _LATEST = "HEAD", "latest"


def of(body: Mapping[str, Any]) -> Pin:
    """Return what the next deployment runs."""
    if not is_image(body):
        return Pin.of_commit(_text(body, "git_commit_sha") or _HEAD)
    name, tag = _text(body, "docker_registry_image_name"), _text(body, "docker_registry_image_tag") or _LATEST
    repository, at, digest = name.partition("@")
    if at and digest.startswith("sha256:"):
        tag = digest.removeprefix("sha256:")
    found = re.fullmatch(f"(?:sha256[-:])?({_DIGEST})" if at else f"sha256-({_DIGEST})", tag)
    if found:
        return Pin(kind=PinKind.DIGEST, ref=found[1], image=repository)
    return Pin(kind=PinKind.TAG, ref=tag, image=repository)


def is_image(body: Mapping[str, Any]) -> bool:
    """Return whether an application runs a ready-made image."""
    return body.get("build_pack") == "dockerimage"


def changes(body: Mapping[str, Any], pin: Pin) -> dict[str, str]:
    """Return the fields to set, and only those that differ, so that the next deployment runs a pin.

    An image's reference is set as its commit too. Nothing is built from it; since 4.1 it makes Coolify see that a
    request for another image is another deployment, and it is what a deployment's row shows of its image.
    """
    wanted = {"git_commit_sha": pin.ref}
    if pin.kind is not PinKind.COMMIT:
        image = pin.image or of(body).image
        wanted = {
            "docker_registry_image_name": image,
            "docker_registry_image_tag": pin.ref,
            "git_commit_sha": pin.ref if _COMMIT.fullmatch(pin.ref) else _HEAD,
        }
    if pin.kind is PinKind.DIGEST:
        is_suffixed = _text(body, "docker_registry_image_name").endswith(_SUFFIX)
        wanted["docker_registry_image_name"] += _SUFFIX if is_suffixed else ""
        wanted["docker_registry_image_tag"] = pin.ref if is_suffixed else f"sha256-{pin.ref}"
    return {name: value for name, value in wanted.items() if _text(body, name) != value}


def is_same(one: Pin, other: Pin) -> bool:
    """Return whether two pins name the same artifact; an image that is not named is the application's own."""
    has_image = bool(one.image and other.image) and PinKind.COMMIT not in {one.kind, other.kind}
    return (one.kind, one.ref) == (other.kind, other.ref) and (not has_image or one.image == other.image)


def _text(body: Mapping[str, Any], name: str) -> str:
    """Return a field's text; empty when it is missing or null."""
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value.strip()
