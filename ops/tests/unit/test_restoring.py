"""What a rollback restores of an earlier release, and what it cannot."""

import pytest

from gonogo import restoring
from gonogo.model import AppSnapshot, Finding, Pin, PinKind, Severity, Snapshot
from gonogo.testing import NEW, OLD

SETTINGS = {"health_check_enabled": True, "custom_docker_run_options": None}


def app(commit: str = OLD, **changes: object) -> AppSnapshot:
    """Return an application as it was left."""
    told = {"settings": SETTINGS, "variables": {"KEY": "k1", "URL": "u1"}, **changes}
    return AppSnapshot(**{"uuid": "u", "pin": Pin.of_commit(commit), **told})  # type: ignore[arg-type]  # by name


def stand(*, api: AppSnapshot | None = None, worker: AppSnapshot | None = None, commit: str = OLD) -> Snapshot:
    """Return an environment."""
    return Snapshot(commit=commit, schema_revision="r1", api=api or app(commit), worker=worker or app(commit))


def said(then: Snapshot | None, now: Snapshot, severity: Severity = Severity.ADVISE) -> list[str]:
    """Return what is said with a severity."""
    return [finding.message for finding in restoring.between(then, now).findings if finding.severity is severity]


def hints(found: tuple[Finding, ...]) -> str:
    """Return every hint."""
    return "\n".join(finding.hint for finding in found)


def test_where_nothing_was_written_down_nothing_is_claimed() -> None:
    """It says that it is not known, and what to compare."""
    found = restoring.between(None, stand(commit=NEW))
    assert said(None, stand(commit=NEW)) == [
        "nobody wrote down how the earlier release was set up: what has changed since is not known"
    ]
    assert "Environment Variables" in hints(found.findings)
    assert found.lost_variables == ()


def test_where_nothing_has_changed_only_the_artifact_is_restored() -> None:
    """Of both applications."""
    assert said(stand(), stand(commit=NEW)) == []
    assert said(stand(), stand(commit=NEW), Severity.INFO) == [
        f"API: commit {OLD[:12]} is deployed again",
        f"worker: commit {OLD[:12]} is deployed again",
    ]


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        (Pin(kind=PinKind.TAG, ref="1.4", image="registry.example/app"), "registry.example/app:1.4"),
        (Pin(kind=PinKind.DIGEST, ref="d" * 64, image="registry.example/app"), f"app@sha256:{'d' * 12}"),
    ],
)
def test_an_image_is_named_as_people_know_it(pin: Pin, words: str) -> None:
    """With its tag, or the beginning of its digest."""
    assert words in said(stand(api=app(pin=pin)), stand(commit=NEW), Severity.INFO)[0]


def test_a_variable_that_is_gone_is_named_with_its_application_and_the_page() -> None:
    """The earlier version may not start without it."""
    now = stand(commit=NEW, worker=app(NEW, variables={"URL": "u1"}))
    found = restoring.between(stand(), now)
    assert found.lost_variables == ("KEY (worker)",)
    assert said(stand(), now) == ["worker: gone since: KEY"]
    assert "in Coolify: the worker's Environment Variables" in hints(found.findings)


def test_a_variable_with_another_value_is_named_and_its_value_is_not() -> None:
    """Values are not known here; fingerprints are no use to a person."""
    now = stand(commit=NEW, api=app(NEW, variables={"KEY": "k2", "URL": "u1"}))
    found = restoring.between(stand(), now)
    assert said(stand(), now) == ["API: another value since, which stays: KEY"]
    assert "k1" not in str(found)
    assert found.lost_variables == ()


@pytest.mark.parametrize(("then", "now"), [("k1", None), (None, "k1"), (None, None)])
def test_a_value_that_cannot_be_read_is_not_called_equal(then: str | None, now: str | None) -> None:
    """Nor changed."""
    before = stand(api=app(variables={"KEY": then}))
    after = stand(commit=NEW, api=app(NEW, variables={"KEY": now}))
    assert said(before, after) == []
    assert "API: whether their value has changed cannot be said: KEY" in said(before, after, Severity.INFO)


def test_variables_that_may_not_be_read_at_all_are_not_called_gone() -> None:
    """The token may not look, which says nothing about them."""
    now = stand(commit=NEW, api=app(NEW, variables={}))
    assert restoring.between(stand(), now).lost_variables == ()
    untold = "API: its variables may not be read, or all are gone, so what has changed in them is not known"
    assert said(stand(), now) == [untold]
    assert restoring.between(stand(), now).unsaid == (untold,)


def test_what_was_added_since_is_said() -> None:
    """The earlier version gets it too."""
    now = stand(commit=NEW, api=app(NEW, variables={"KEY": "k1", "URL": "u1", "MORE": "m"}))
    assert "API: added since, and handed to the earlier version too: MORE" in said(stand(), now, Severity.INFO)


def test_a_setting_that_has_changed_is_named_with_both_values() -> None:
    """It stays as it is; where to put it back is said. One that is not told any more is not called changed."""
    now = stand(commit=NEW, api=app(NEW, settings={"health_check_enabled": False}))
    assert said(stand(), now) == [
        "API: settings have changed since, and stay as they are: health_check_enabled was True, is False"
    ]
    assert "in Coolify: the API's Configuration" in hints(restoring.between(stand(), now).findings)


def test_a_long_setting_is_cut() -> None:
    """A line is for reading."""
    now = stand(commit=NEW, api=app(NEW, settings={"custom_docker_run_options": "x" * 500}))
    assert len(said(stand(), now)[0]) < 200
