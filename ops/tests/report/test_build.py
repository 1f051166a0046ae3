"""Entries into a report."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import report
from gonogo.errors import ExitCode, LedgerError
from gonogo.model import EntryKind, Severity, StepStatus, Verdict
from gonogo.report import spans, timeline
from tests.report.samples import (
    PREVIOUS,
    RELEASE,
    START,
    STEPS,
    TARGET,
    Story,
    finding,
    make_plan,
    released,
    rolled_back,
)
from tests.report.samples import request as sent


class TestRender:
    """render."""

    def test_a_released_release_takes_its_ending_from_the_journal(self) -> None:
        """Verdict, exit code and served commit are those of the last entry."""
        told = report.render(released())

        assert (told.verdict, told.exit_code, told.serving_commit) == (Verdict.RELEASED, 0, TARGET)

    def test_every_step_is_told_in_the_plan_s_order(self) -> None:
        """No step is left out, run or not."""
        told = report.render(Story().done("preflight").entries)

        assert tuple(step.name for step in told.steps) == STEPS

    def test_seconds_are_those_between_a_step_s_entries(self) -> None:
        """A step took the time from its start to its end, its undoing likewise."""
        steps = {step.name: step for step in report.render(rolled_back()).steps}

        assert (steps["api-rollout"].seconds, steps["api-rollout"].reverted_seconds) == (2.0, 3.0)
        assert (steps["smoke"].seconds, steps["smoke"].reverted_seconds) == (4.0, None)

    def test_the_time_in_which_nobody_was_at_it_is_told_apart(self) -> None:
        """Killed in a step and gone on with later: the step took what it worked, and was idle meanwhile."""
        story = Story().done("preflight").begin("backup").tell(EntryKind.STEP_NOTED, "backup", after=4, notes={})
        story.tell(EntryKind.RESUMED, after=3600, who="ana@build").begin("backup")
        story.tell(EntryKind.STEP_DONE, "backup", after=2, evidence={}, findings=[], notes={})
        told = report.render(story.done("restore-check").ended("released", 0))
        steps = {step.name: step for step in told.steps}

        assert (steps["backup"].seconds, steps["backup"].idle_s) == (6.0, 3600.0)
        assert (steps["preflight"].idle_s, steps["restore-check"].idle_s) == (0.0, 0.0)
        assert (told.idle_s, told.duration_s) == (3600.0, 3608.0)
        start = START.timestamp()
        assert [(span.start - start, span.end - start) for span in spans.of_step(told, steps["backup"])] == [
            (1.0, 5.0),
            (3605.0, 3607.0),
        ]

    def test_a_pause_between_two_steps_belongs_to_none(self) -> None:
        """It is in the release's time alone."""
        story = Story().done("preflight").tell(EntryKind.RESUMED, after=60, who="ana@build").done("backup")
        told = report.render(story.ended("released", 0))

        assert (told.idle_s, [step.idle_s for step in told.steps]) == (60.0, [0.0] * len(STEPS))
        assert [(step.seconds, len(spans.of_step(told, step))) for step in told.steps[:2]] == [(1.0, 1), (1.0, 1)]

    def test_a_step_that_was_stopped_and_undone_came_to_no_end(self) -> None:
        """Its work ended where its undoing began, and it is not drawn as done."""
        story = Story().begin("api-rollout").tell(EntryKind.STEP_NOTED, "api-rollout", after=5, notes={})
        story.tell(EntryKind.RESUMED, after=100, who="ana@build").tell(EntryKind.TURNED, who="ana@build", why="enough")
        told = report.render(story.undone("api-rollout", 3.0).ended("rolled_back", 1, serving=PREVIOUS))
        (rollout,) = [step for step in told.steps if step.name == "api-rollout"]

        assert (rollout.seconds, rollout.reverted_seconds, rollout.idle_s, rollout.was_cut) == (5.0, 3.0, 100.0, True)
        assert (timeline.kind_of(told, rollout), timeline.mark_of(told, rollout)) == ("open", "undone")

    def test_a_step_that_never_ran_has_no_seconds(self) -> None:
        """Nothing is not zero."""
        steps = {step.name: step for step in report.render(rolled_back()).steps}

        assert (steps["bake"].seconds, steps["bake"].status) == (None, StepStatus.PENDING)

    def test_a_step_s_error_is_among_its_findings(self) -> None:
        """Whoever reads the step sees why it failed, and the next command."""
        story = Story().failed("backup", "the disk is full", hint="df -h")
        backup = report.render(story.entries).steps[1]

        assert finding("step-failed", Severity.BLOCK, "the disk is full", "df -h") in backup.findings

    def test_what_a_finding_says_already_is_not_said_again(self) -> None:
        """An error with a finding's words adds nothing."""
        story = Story().failed("backup", "the disk is full")
        said = {"rule": "disk", "severity": "block", "message": "the disk is full", "hint": ""}
        story.entries[-1].data["findings"] = [said]  # type: ignore[index]  # a sample is built in place

        assert [one.rule for one in report.render(story.entries).steps[1].findings] == ["disk"]

    def test_the_plan_s_findings_are_told_with_the_first_step(self) -> None:
        """A gate that says no before any step ran is not lost."""
        story = Story(plan=make_plan(findings=(finding("token-abilities", Severity.BLOCK),)))
        told = report.render(story.ended("no_go", 4, serving=PREVIOUS))

        assert [one.rule for one in told.steps[0].findings] == ["token-abilities"]

    def test_a_rule_that_the_first_step_checked_again_is_told_once(self) -> None:
        """The step's newer word stands."""
        story = Story(plan=make_plan(findings=(finding("disk", message="10 GB"),)))
        story.done("preflight", findings=[finding("disk", message="9 GB")])

        assert [one.message for one in report.render(story.entries).steps[0].findings] == ["9 GB"]

    def test_traffic_is_ordered_by_time(self) -> None:
        """Requests that ended out of order are put in order."""
        told = report.render(released(), [sent(2), sent(1)])

        assert [one.at - START.timestamp() for one in told.requests] == [1.0, 2.0]

    def test_entries_without_a_start_are_refused(self) -> None:
        """A journal that lost its first entry is not guessed at."""
        with pytest.raises(LedgerError, match="cannot be read"):
            report.render(released()[1:])


class TestUnfinished:
    """render, while the journal has no end."""

    def test_it_names_the_command_that_goes_on(self) -> None:
        """The hint is the resume of this environment."""
        told = report.render(Story().begin("backup").entries)

        assert told.hint == "invoke deploy.resume --env prod"
        assert (told.verdict, told.exit_code) == (Verdict.UNFINISHED, ExitCode.INTERRUPTED)

    def test_it_names_the_step_that_is_open(self) -> None:
        """Where it stopped is where somebody has to look."""
        told = report.render(Story().done("preflight").begin("backup").entries)

        assert (told.where, told.reason) == ("backup", "the journal ends in step backup")

    def test_an_open_step_lasts_until_the_last_entry(self) -> None:
        """What is known of it is drawn."""
        story = Story().begin("backup").tell(EntryKind.STEP_NOTED, "backup", after=7.0, notes={"dump": "x"})

        assert report.render(story.entries).steps[1].seconds == 7.0

    def test_an_interruption_gives_its_reason(self) -> None:
        """Ctrl-C reads as such."""
        story = Story().begin("backup").tell(EntryKind.INTERRUPTED, why="Ctrl-C")

        assert report.render(story.entries).reason == "interrupted: Ctrl-C"

    def test_a_failure_on_the_way_back_is_the_reason(self) -> None:
        """The error that turned it round outlives the kill that stopped it."""
        story = Story().failed("smoke", "2 tests failed").tell(EntryKind.REVERT_STARTED, "api-rollout")

        assert (report.render(story.entries).where, report.render(story.entries).reason) == ("smoke", "2 tests failed")

    def test_a_release_without_steps_so_far_has_no_place(self) -> None:
        """The first entry alone makes a report."""
        assert report.render(Story().entries).reason == "the journal ends before the first step"


_KINDS = st.sampled_from(
    [kind for kind in EntryKind if kind.value.startswith(("step", "revert")) or kind is EntryKind.INTERRUPTED]
)
_ERROR = {"reference": "x", "message": "y", "where": "", "why": "", "hint": ""}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_KINDS, st.sampled_from(STEPS), st.floats(-2, 900)), max_size=12), st.text(max_size=20))
def test_any_journal_becomes_a_page(told: list[tuple[EntryKind, str, float]], words: str) -> None:
    """Entries in any order, clocks that go back and any words give a report, a record, lines and a page."""
    story = Story()
    for kind, step, after in told:
        story.tell(kind, step, after=after, error=_ERROR, evidence={"said": words}, why=words)
    made = report.render(story.entries, [sent(1), sent(2, failed=True)])

    assert report.page(made).encode()
    assert RELEASE in report.text(made)
    assert len(STEPS) == len(report.document(made, page="x")["steps"])  # type: ignore[arg-type]  # a list, by its docs
