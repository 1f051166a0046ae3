"""What the entries of a release add up to."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import journal
from gonogo.errors import LedgerError
from gonogo.model import JSON, Entry, EntryKind, StepStatus, Verdict
from gonogo.testing import NEW, OLD, Died, Scene
from tests.unit.releases import FAILED_SUITE, STORIES, carried_through, deaths_of, executed, resumed

CHANGES = {"migrate", "api-rollout", "worker-rollout"}
RANK = {
    StepStatus.PENDING: 0,
    StepStatus.RUNNING: 1,
    StepStatus.DONE: 2,
    StepStatus.FAILED: 2,
    StepStatus.REVERTING: 3,
    StepStatus.REVERT_FAILED: 4,
    StepStatus.REVERTED: 4,
}


def _entries(story: str) -> list[Entry]:
    """Return the entries of a story."""
    scene = STORIES[story]()
    executed(scene)
    return scene.entries


class TestReplay:
    """replay."""

    def test_a_journal_s_first_entry_starts_the_release(self) -> None:
        """Anything else is no journal."""
        with pytest.raises(LedgerError, match="cannot be read") as caught:
            journal.replay(_entries("good")[1:])
        assert caught.value.where == "entry 2 does not start a release"

    @pytest.mark.parametrize("data", [{}, {"plan": None}, {"plan": 5}, {"plan": {}}, {"plan": {"steps": "x"}}])
    def test_a_damaged_entry_is_refused_in_words(self, data: dict[str, JSON]) -> None:
        """Not with a stack trace, and not guessed at."""
        first, *rest = _entries("good")
        with pytest.raises(LedgerError, match=f"release {first.release_id} cannot be read"):
            journal.replay([replace(first, data=data), *rest])

    @pytest.mark.parametrize("story", STORIES)
    def test_replaying_gives_the_state_that_the_run_ended_with(self, story: str) -> None:
        """The ledger alone is enough."""
        scene = STORIES[story]()
        assert executed(scene) == journal.replay(scene.entries)

    def test_a_started_release_has_every_step_pending(self) -> None:
        """And is unfinished."""
        state = journal.replay(_entries("good")[:1])
        assert {step.status for step in state.steps.values()} == {StepStatus.PENDING}
        assert (state.verdict, state.is_ended, state.failed_step) == (Verdict.UNFINISHED, False, None)

    def test_a_step_s_notes_add_up(self) -> None:
        """Ids are noted one by one."""
        state = journal.replay(_entries("good"))
        noted = {"deploy_was", "deploy_pin", "deploy_after", "deploy_asked", "deploy_id", "deployment"}
        assert set(state.notes["api-rollout"]) == noted

    def test_the_failed_step_is_the_one_that_turned_the_release_round(self) -> None:
        """With its reason."""
        failed = journal.replay(_entries("smoke-fails")).failed_step
        assert failed is not None
        assert (failed.name, failed.failure and failed.failure.reference) == ("smoke", "smoke-failed")

    def test_what_was_seen_after_undoing_stands_beside_what_was_seen_before(self) -> None:
        """The report shows both."""
        evidence = journal.replay(_entries("smoke-fails")).steps["api-rollout"].evidence
        assert (evidence["serving"], evidence["serving, undone"]) == (NEW[:12], OLD[:12])

    def test_a_failure_keeps_its_exit_code(self) -> None:
        """Whoever resumes ends with the same one."""
        assert journal.replay(_entries("restore-check-unreachable")).steps["restore-check"].code == 7

    def test_a_step_without_a_failure_has_the_code_of_one(self) -> None:
        """A failure that says nothing is a plain one."""
        assert journal.StepState(name="smoke").code == 1


class TestResumed:
    """A release that was gone on with."""

    def test_a_step_keeps_its_first_start(self) -> None:
        """The time that it took includes the break."""
        scene = Scene(die_after=("smoke.run", 1))
        with pytest.raises(Died):
            executed(scene)
        scene.seconds += 3600.0
        smoke = resumed(scene).steps["smoke"]
        assert smoke.started_at
        assert smoke.ended_at
        assert (smoke.ended_at - smoke.started_at).total_seconds() >= 3600.0

    def test_an_undoing_keeps_its_first_start(self) -> None:
        """Likewise."""
        scene = Scene(smoke=FAILED_SUITE, die_at=("platform.trigger", 3))
        with pytest.raises(Died):
            executed(scene)
        scene.seconds += 3600.0
        worker = resumed(scene).steps["worker-rollout"]
        assert worker.revert_started_at
        assert worker.revert_ended_at
        assert (worker.revert_ended_at - worker.revert_started_at).total_seconds() >= 3600.0

    def test_an_undoing_that_went_well_clears_the_try_before(self) -> None:
        """What is back is back."""
        entries = _entries("no-way-to-the-old-api")
        failed = next(entry for entry in entries if entry.kind is EntryKind.REVERT_FAILED)
        undone = Entry(release_id=failed.release_id, at=failed.at, kind=EntryKind.REVERT_DONE, step=failed.step)
        assert journal.follow(journal.replay(entries), undone).steps["api-rollout"].revert_failure is None


@settings(max_examples=15, deadline=None, database=None)
@given(st.data())
def test_every_prefix_of_a_journal_can_be_replayed(data: st.DataObject) -> None:
    """A step's status only ever goes on, but for a change that a resumed release proves again; an end is final."""
    story = data.draw(st.sampled_from(sorted(STORIES)))
    deaths = data.draw(st.lists(st.sampled_from(deaths_of(STORIES[story])), max_size=2))
    scene = STORIES[story]()
    carried_through(scene, deaths)
    states = [journal.replay(scene.entries[:count]) for count in range(1, len(scene.entries) + 1)]
    assert [backwards for pair in pairwise(states) for backwards in _backwards(*pair)] == []
    assert [state.is_ended for state in states] == [False] * (len(states) - 1) + [True]


def _backwards(before: journal.State, after: journal.State) -> list[str]:
    """Return the steps whose status went back from one state to the next."""
    proven_again = (StepStatus.DONE, StepStatus.RUNNING)
    return [
        name
        for name, step in after.steps.items()
        if RANK[step.status] < RANK[before.steps[name].status]
        and not (name in CHANGES and (before.steps[name].status, step.status) == proven_again)
    ]
