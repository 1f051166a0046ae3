"""What a release deploys: a commit, or the image that its commit is tagged with."""

from dataclasses import replace

import pytest

from gonogo import artifacts
from gonogo.errors import ConfigurationError
from gonogo.model import AppSnapshot, Artifact, Pin, PinKind, Severity, Snapshot
from gonogo.testing import API, NEW, OLD, WORKER, Scene
from tests.unit.releases import CONFIG, planned

TAG = Pin(kind=PinKind.TAG, ref="v1", image="registry/app")
DIGEST = Pin(kind=PinKind.DIGEST, ref="d" * 64, image="registry/app")
PLAN = planned(Scene())


def _stand(pin: Pin, fingerprint: str | None) -> Snapshot:
    """Return a release whose two applications are set up alike."""
    api, worker = (AppSnapshot(uuid=uuid, pin=pin, fingerprint=fingerprint) for uuid in (API, WORKER))
    return Snapshot(commit=OLD, schema_revision="r1", api=api, worker=worker)


def _artifact(tag: str = "") -> Artifact:
    """Return how commits become images."""
    return replace(CONFIG.artifact, image_tag=tag)


class TestTarget:
    """target."""

    def test_a_built_application_is_pinned_to_the_commit(self) -> None:
        """Whatever the images of others are tagged with."""
        application = Scene().world().platform.application(API)
        assert artifacts.target(PLAN, application, _artifact("{commit}")) == Pin.of_commit(NEW)

    @pytest.mark.parametrize("now", [TAG, DIGEST], ids=["tag", "digest"])
    @pytest.mark.parametrize(("tag", "ref"), [("{commit}", NEW), ("v-{version}", f"v-{NEW[:12]}")])
    def test_an_image_application_is_pinned_to_the_commit_s_tag(self, now: Pin, tag: str, ref: str) -> None:
        """By the pattern of gonogo.toml; the image stays."""
        application = replace(Scene().world().platform.application(API), pin=now)
        expected = Pin(kind=PinKind.TAG, ref=ref, image="registry/app")
        assert artifacts.target(PLAN, application, _artifact(tag)) == expected

    def test_without_a_pattern_nobody_knows_the_tag(self) -> None:
        """It says where to set it."""
        application = replace(Scene().world().platform.application(API), pin=TAG)
        with pytest.raises(ConfigurationError, match="nothing says which tag a commit has") as caught:
            artifacts.target(PLAN, application, _artifact())
        assert "artifact.image_tag" in caught.value.problems[0]

    @pytest.mark.parametrize("now", [TAG, Pin.of_commit(OLD)], ids=["image", "commit"])
    def test_what_is_gone_back_to_is_the_image_that_was_noted(self, now: Pin) -> None:
        """No pattern is asked: what its tag means today is not what it meant."""
        application = replace(Scene().world().platform.application(API), pin=now)
        plan = replace(PLAN, goal=_stand(DIGEST, "f0"))
        assert artifacts.target(plan, application, _artifact("{commit}")) == DIGEST

    @pytest.mark.parametrize("ref", ["", "HEAD"])
    def test_a_note_that_names_nothing_is_no_artifact(self, ref: str) -> None:
        """The commit is known all the same."""
        application = Scene().world().platform.application(API)
        plan = replace(PLAN, goal=_stand(Pin.of_commit(ref), None))
        assert artifacts.target(plan, application, _artifact()) == Pin.of_commit(NEW)


class TestDrift:
    """drift_from_goal and drift_from_before."""

    @pytest.mark.parametrize(
        ("then", "now", "is_told"), [("f", "g", True), ("f", "f", False), (None, "g", False), ("f", None, False)]
    )
    def test_another_configuration_is_told(self, then: str | None, now: str | None, is_told: bool) -> None:
        """Where both are known; it is advice, and says which release is meant."""
        stand = _stand(TAG, then)
        found = {
            "gone back to": artifacts.drift_from_goal(replace(PLAN, goal=stand), WORKER, "worker", now),
            "before the release": artifacts.drift_from_before(replace(PLAN, before=stand), WORKER, "worker", now),
        }
        for words, findings in found.items():
            assert [words in each.message for each in findings] == [True] * is_told
            assert {(each.rule, each.severity) for each in findings} <= {("worker-configuration", Severity.ADVISE)}

    def test_where_nobody_wrote_it_down_nothing_is_told(self) -> None:
        """A plan forward has no goal of its own."""
        assert artifacts.drift_from_goal(PLAN, API, "API", "g") == ()


class TestPrevious:
    """previous."""

    def test_it_is_what_was_pinned_before_the_release(self) -> None:
        """An image's digest is not guessed from a commit."""
        apps = {
            "api": AppSnapshot(uuid=API, pin=DIGEST, fingerprint="f0"),
            "worker": AppSnapshot(uuid=WORKER, pin=TAG),
        }
        plan = replace(planned(Scene()), before=Snapshot(commit=OLD, schema_revision="r1", **apps))
        assert [artifacts.previous(plan, uuid) for uuid in (API, WORKER)] == [DIGEST, TAG]

    def test_a_plan_of_an_earlier_release_of_gonogo_has_only_the_commit(self) -> None:
        """It was written down before plans held more."""
        plan = replace(planned(Scene()), before=None)
        assert artifacts.previous(plan, API) == Pin.of_commit(OLD)


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
    assert named == [f"commit {NEW[:12]}", "registry/app:v1", f"registry/app@sha256:{'d' * 12}"]
