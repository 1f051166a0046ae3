"""What a plan is decided from: read in one go, judged by nobody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo import checks, facts, snapshots
from gonogo.errors import UnreachableError
from gonogo.model import JSON, Declared, Deployment, Entry, EntryKind, Finding, Needs, Secret, Severity, Variable
from gonogo.secrecy import rotations
from gonogo.testing import API, NEW, OLD, WORKER, Scene, config
from tests.unit.releases import CONFIG, FAILED_SUITE, executed, observed


def _active(app_uuid: str, status: str) -> Deployment:
    """Return a deployment in a status."""
    return Deployment(
        uuid=f"{app_uuid}-{status}", number=1, application_uuid=app_uuid, commit=OLD, status=status, ended=True
    )


def test_facts_are_what_each_port_says() -> None:
    """Commit, service, database, history."""
    seen = observed()
    assert (seen.target_commit, seen.previous_commit) == (NEW, OLD)
    assert (seen.database.revision, seen.history.order) == ("r1", ("r1", "r2"))


def test_looking_changes_nothing() -> None:
    """Not one call that has an effect."""
    scene = Scene()
    observed(scene)
    assert scene.calls == []


def test_deployments_that_are_not_over_are_facts() -> None:
    """Of both applications."""
    scene = Scene(deployments=[_active(API, "queued"), _active(WORKER, "in_progress"), _active(API, "finished")])
    assert [each.status for each in observed(scene).platform.active] == ["queued", "in_progress"]


def test_what_is_under_way_of_other_applications_is_apart() -> None:
    """It stands in nobody's way for good; what the token lacks beside is asked, too."""
    scene = Scene(
        deployments=[_active(API, "queued"), _active("other", "in_progress"), _active("other", "finished")],
        missing_optional_abilities=("read:sensitive",),
    )
    seen = observed(scene).platform
    assert [each.application_uuid for each in seen.active] == [API]
    assert [each.application_uuid for each in seen.foreign] == ["other"]
    assert seen.missing_optional == ("read:sensitive",)


@pytest.mark.parametrize("port", ["database", "platform"])
def test_an_outside_that_does_not_answer_ends_it(port: str) -> None:
    """Exit code 7: nothing has changed."""
    with pytest.raises(UnreachableError):
        observed(Scene(down={port}))


def test_a_service_that_does_not_answer_is_a_fact() -> None:
    """The checks weigh it."""
    seen = observed(Scene(down={"service"}, beats=()))
    assert (seen.ready.status_code, seen.previous_commit, seen.workers) == (0, None, ())


@pytest.mark.parametrize(("allow_dirty", "commit"), [(True, OLD), (False, NEW)])
def test_uncommitted_changes_are_released_only_where_that_is_allowed(allow_dirty: bool, commit: str) -> None:
    """As a snapshot commit; elsewhere the target is what is committed."""
    scene = Scene(dirty=("a.py",), snapshot=OLD)
    seen = facts.gather(scene.world(), config(allow_dirty=allow_dirty))
    assert seen.target_commit == commit


def test_who_holds_a_secret_is_known_and_no_value_shows() -> None:
    """The toolkit's own, and what Coolify hands the applications; a variable without a telling name is none."""
    token = Secret("XAI_API_KEY", "xai-k8Qw2vXz71-k8Qw2vXz71")
    handed = (Variable(key="XAI_API_KEY", fingerprint="1", held=token), Variable(key="LOG_LEVEL", fingerprint="2"))
    seen = facts.gather(Scene(variables={API: handed}).world(), CONFIG).secrets
    assert [(each.holder, each.name) for each in seen.holdings if each.holder != "gonogo"] == [("api", "XAI_API_KEY")]
    assert {each.name for each in seen.holdings} >= {each.name for each in CONFIG.target.secrets}
    assert token.reveal() not in repr(seen)


def test_an_age_is_the_ledger_s_before_coolify_s() -> None:
    """A rotation that came to its end says when; one that was only begun says nothing."""
    old = datetime(2025, 1, 1, tzinfo=UTC)
    variable = Variable(key="DATABASE_URL", fingerprint="1", held=CONFIG.target.database_url, changed_at=old)
    scene = Scene(variables={API: (variable,)})
    ages = {each.holder: each.since for each in facts.gather(scene.world(), CONFIG).secrets.holdings if each.since}
    assert ages == {"gonogo": old, "api": old}

    done = datetime(2025, 12, 2, tzinfo=UTC)

    def entry(kind: EntryKind, at: datetime, **data: JSON) -> Entry:
        return Entry(release_id="prod-r", at=at, kind=kind, step="rotation-record", data=data)

    noted = entry(EntryKind.STEP_NOTED, old, notes={"rotated": "database"})
    assert rotations.read((noted,)) == {}
    assert rotations.read((noted, entry(EntryKind.STEP_DONE, done))) == {"DATABASE_URL": done}


def test_what_the_target_needs_is_asked_of_its_own_checkout() -> None:
    """None where the project names no command."""
    declared = Declared(services={"api": Needs(required=("SECRET_KEY",))})
    assert observed(Scene(declared=declared)).declared == declared
    assert observed().declared is None


class TestLast:
    """How the last release left the environment."""

    def test_the_first_release_has_none_before_it(self) -> None:
        """The ledger is empty."""
        assert observed().last is None

    def test_a_release_leaves_what_it_signed_off(self) -> None:
        """The new version, as it was set up in the end."""
        scene = Scene(settings={API: {"ports_exposes": "8000"}})
        executed(scene)
        last = observed(scene).last
        assert last == snapshots.of(observed(scene))
        assert (last.commit, last.api.settings) == (NEW, {"ports_exposes": "8000"})

    def test_nothing_has_changed_right_after_a_release(self) -> None:
        """The next plan does not warn of the release's own changes, nor after one that was rolled back."""
        for scene in (Scene(), Scene(smoke=FAILED_SUITE)):
            executed(scene)
            scene.snapshot, scene.dirty = OLD, ()
            said = [each for each in planned_again(scene) if each.rule == "setup-is-unchanged"]
            assert [each.severity for each in said] == [Severity.INFO], said

    def test_one_that_was_rolled_back_left_what_it_had_found(self) -> None:
        """The old version."""
        scene = Scene(smoke=FAILED_SUITE)
        executed(scene)
        last = observed(scene).last
        assert last is not None
        assert last.commit == OLD

    def test_one_that_changed_nothing_says_nothing(self) -> None:
        """The one before it does."""
        scene = Scene()
        executed(scene)
        scene.seconds += 1
        scene.serving, scene.schema, scene.digest = OLD, "r1", "e" * 64
        assert executed(scene).verdict.value == "no_go"
        last = observed(scene).last
        assert last is not None
        assert last.commit == NEW

    def test_entries_of_an_earlier_version_are_no_snapshot(self) -> None:
        """They are replayed, and say nothing of it."""
        scene = Scene()
        executed(scene)
        scene.entries = [
            replace(each, data={}) if each.kind is EntryKind.STEP_NOTED and each.step == "sign-off" else each
            for each in scene.entries
        ]
        assert observed(scene).last is None


def planned_again(scene: Scene) -> list[Finding]:
    """Return what the checks say of a scene after its release."""
    seen = observed(scene)
    return [finding for check in checks.ALL for finding in check(CONFIG, seen)]


def test_a_commit_that_serves_and_is_gone_from_the_repository_is_a_fact() -> None:
    """There would be nothing to go back to; while nothing says what serves, nothing is called gone."""
    assert observed(Scene()).gone == ()
    assert observed(Scene(down={"service"})).gone == ()
    (said,) = observed(Scene(serving="c" + "0" * 39)).gone
    assert "does not have the commit c00000000000 any more" in said


def test_another_commit_than_the_one_that_is_checked_out_can_be_looked_at() -> None:
    """A rollback's; its own migrations are what counts."""
    seen = facts.gather(Scene().world(), CONFIG, OLD)
    assert (seen.target_commit, seen.git.commit, seen.history.order) == (OLD, NEW, ("r1",))
