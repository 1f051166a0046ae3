"""What a release deploys: a commit, or the image that its commit is tagged with."""

from dataclasses import replace

import pytest

from gonogo import artifacts
from gonogo.errors import ConfigurationError
from gonogo.model import AppSnapshot, Artifact, Pin, PinKind, Snapshot
from gonogo.testing import API, NEW, OLD, WORKER, Scene
from tests.unit.releases import CONFIG, planned

TAG = Pin(kind=PinKind.TAG, ref="v1", image="registry/app")
DIGEST = Pin(kind=PinKind.DIGEST, ref="d" * 64, image="registry/app")


def _artifact(tag: str = "") -> Artifact:
    """Return how commits become images."""
    return replace(CONFIG.artifact, image_tag=tag)


class TestTarget:
    """target."""

    def test_a_built_application_is_pinned_to_the_commit(self) -> None:
        """Whatever the images of others are tagged with."""
        application = Scene().world().platform.application(API)
        assert artifacts.target(application, NEW, _artifact("{commit}")) == Pin.of_commit(NEW)

    @pytest.mark.parametrize("now", [TAG, DIGEST], ids=["tag", "digest"])
    @pytest.mark.parametrize(("tag", "ref"), [("{commit}", NEW), ("v-{version}", f"v-{NEW[:12]}")])
    def test_an_image_application_is_pinned_to_the_commit_s_tag(self, now: Pin, tag: str, ref: str) -> None:
        """By the pattern of gonogo.toml; the image stays."""
        application = replace(Scene().world().platform.application(API), pin=now)
        expected = Pin(kind=PinKind.TAG, ref=ref, image="registry/app")
        assert artifacts.target(application, NEW, _artifact(tag)) == expected

    def test_without_a_pattern_nobody_knows_the_tag(self) -> None:
        """It says where to set it."""
        application = replace(Scene().world().platform.application(API), pin=TAG)
        with pytest.raises(ConfigurationError, match="nothing says which tag a commit has") as caught:
            artifacts.target(application, NEW, _artifact())
        assert "artifact.image_tag" in caught.value.problems[0]


class TestPrevious:
    """previous and fingerprint_before."""

    def test_it_is_what_was_pinned_before_the_release(self) -> None:
        """An image's digest is not guessed from a commit."""
        apps = {
            "api": AppSnapshot(uuid=API, pin=DIGEST, fingerprint="f0"),
            "worker": AppSnapshot(uuid=WORKER, pin=TAG),
        }
        plan = replace(planned(Scene()), before=Snapshot(commit=OLD, schema_revision="r1", **apps))
        assert [artifacts.previous(plan, uuid) for uuid in (API, WORKER)] == [DIGEST, TAG]
        assert [artifacts.fingerprint_before(plan, uuid) for uuid in (API, WORKER)] == ["f0", None]

    def test_a_plan_of_an_earlier_release_of_gonogo_has_only_the_commit(self) -> None:
        """It was written down before plans held more."""
        plan = replace(planned(Scene()), before=None)
        assert (artifacts.previous(plan, API), artifacts.fingerprint_before(plan, API)) == (Pin.of_commit(OLD), None)


class TestCheckTag:
    """check_tag and count."""

    @pytest.mark.parametrize("tag", ["", "{commit}", "v{version}", "app-{commit}.1"])
    def test_a_good_pattern_has_no_problem(self, tag: str) -> None:
        """None at all is good too."""
        problems: list[str] = []
        assert artifacts.check_tag(_artifact(tag), problems.append).image_tag == tag
        assert problems == []

    @pytest.mark.parametrize(
        ("tag", "words"),
        [("latest", "is the same for each release"), ("a/{commit}", "is no tag"), ("{commit}-{branch}", "is no tag")],
    )
    def test_a_pattern_that_cannot_name_a_release_is_told(self, tag: str, words: str) -> None:
        """With what is wrong with it."""
        problems: list[str] = []
        artifacts.check_tag(_artifact(tag), problems.append)
        assert len(problems) == 1
        assert words in problems[0]

    @pytest.mark.parametrize("value", [0, -1, 1.5, "2", True])
    def test_a_number_of_processes_is_a_whole_one(self, value: object) -> None:
        """Of one or more."""
        problems: list[str] = []
        artifacts.count({"replicas": value}, "environments.prod.replicas", problems.append)
        assert problems == ["environments.prod.replicas must be a whole number of one or more"]


def test_words_name_an_artifact_for_people() -> None:
    """Short, and as one would look for it."""
    named = [artifacts.words(pin) for pin in (Pin.of_commit(NEW), TAG, DIGEST)]
    assert named == [NEW[:12], "registry/app:v1", f"registry/app@sha256:{'d' * 12}"]
