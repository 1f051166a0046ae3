"""A ready-made image is named exactly, so that there is something to go back to."""

from dataclasses import replace

import pytest

from gonogo.checks.image_is_exact import check
from gonogo.model import Pin, PinKind, Severity
from tests.unit.checks.verdicts import api, said


@pytest.mark.parametrize("tag", ["latest", None, ""])
def test_a_tag_that_means_anything_blocks(tag: str | None) -> None:
    """Said or unsaid."""
    ((severity, message, hint),) = said(
        check, platform__api=api(build_pack="dockerimage", docker_registry_image_tag=tag)
    )
    assert (severity, "`latest`" in message) == (Severity.BLOCK, True)
    assert hint.startswith("set docker_registry_image_tag (in Coolify: General, Docker Image Tag)")


@pytest.mark.parametrize(("ref", "severity"), [("latest", Severity.BLOCK), ("v1.2", Severity.INFO)])
def test_the_pin_says_it_where_the_setting_does_not(ref: str, severity: Severity) -> None:
    """A tag that is pinned is a tag."""
    pinned = replace(api(), pin=Pin(kind=PinKind.TAG, ref=ref, image="example.org/api"))
    assert said(check, platform__api=pinned)[0][0] is severity


def test_applications_that_are_built_have_nothing_to_say() -> None:
    """They name a commit."""
    assert said(check) == []
