"""Blocks of labelled lines, and a release while it runs."""

from dataclasses import replace

import pytest

from gonogo import report
from gonogo.errors import ConfigurationError, StepFailedError
from gonogo.model import EntryKind, PlanKind, Severity, StepStatus
from gonogo.report import lines, progress, words
from gonogo.report.lines import Line
from tests.report.samples import PREVIOUS, Story, finding, make_plan, released, rolled_back
from tests.report.samples import request as sent


class TestOfError:
    """of_error."""

    def test_the_form_keeps_its_order(self) -> None:
        """Reference, what, where, why, the next command: always in the same place."""
        error = StepFailedError("smoke-failed", "2 tests failed", where="prod", why="users see it", hint="invoke x")

        assert [line.label for line in lines.of_error(error)] == ["error", "what", "where", "why", "next"]

    def test_empty_fields_are_left_out(self) -> None:
        """No label without a text."""
        assert [line.label for line in lines.of_error(StepFailedError("x", "y"))] == ["error", "what"]

    def test_every_problem_of_a_configuration_has_its_line(self) -> None:
        """All are told at once, each where it is set."""
        error = ConfigurationError("incomplete", "2 settings are missing", problems=("A: in .env", "B: in .env"))

        assert [line.text for line in lines.of_error(error)[2:]] == ["A: in .env", "B: in .env"]


class TestOfPlan:
    """of_plan."""

    def test_it_shows_every_step_with_its_intent(self) -> None:
        """The reader sees what would be done, in order."""
        told = lines.of_plan(make_plan())

        assert Line(" 8. smoke", "the intent of smoke") in told
        assert Line("10. sign-off", "the intent of sign-off") in told

    def test_migrations_say_what_they_are(self) -> None:
        """Kind and reversibility stand beside the title."""
        told = lines.plain(lines.of_plan(make_plan()))

        assert "202611200900 Add thoughts.language (expand, not reversible)" in told

    def test_what_blocks_comes_first(self) -> None:
        """Findings are ordered by what they do to the release."""
        found = (finding("fine"), finding("worry", Severity.ADVISE), finding("stop", Severity.BLOCK, hint="fix it"))
        told = [line for line in lines.of_plan(make_plan(findings=found)) if line.label in words.SEVERITIES.values()]

        assert [line.label for line in told] == ["blocks", "advises", "fine"]
        assert told[0].text == "stop: seen\n→ fix it"

    def test_without_migrations_it_says_so(self) -> None:
        """The schema's revision is named all the same."""
        told = lines.plain(lines.of_plan(make_plan(pending=())))

        assert "none; the schema stays at 202610010800" in told


class TestOfVerdict:
    """of_verdict."""

    def test_a_schema_that_moves_alone_names_no_version_that_it_would_bring(self) -> None:
        """The version that serves is the one that served before."""
        moved = replace(report.render(released()), kind=PlanKind.MIGRATION)
        told = {line.label: line.text for line in lines.of_verdict(moved, "x")}
        assert "versions" not in told
        assert told["moved"].startswith(f"{moved.pending[0].id} up, serving at the end: ")

    def test_a_failure_has_step_reason_next_and_page(self) -> None:
        """What a person needs to go on."""
        told = {line.label: line.text for line in lines.of_verdict(report.render(rolled_back()), "r.html")}

        assert (told["step"], told["reason"], told["next"]) == (
            "smoke",
            "2 of 14 smoke tests failed",
            "invoke deploy.status",
        )
        assert told["report"] == "r.html"

    def test_failed_requests_are_counted(self) -> None:
        """Zero is a number worth saying."""
        told = lines.of_verdict(report.render(released(), [sent(1)]), "x")

        assert Line("requests", "1 sent, 0 failed", lines.Tone.GOOD) in told

    def test_failed_requests_are_told_with_how_and_when(self) -> None:
        """Whoever reads it should not have to open a page for that."""
        requests = [sent(1), sent(2, failed=True), sent(3, failed=True), sent(4, failed=True, kind="capture")]
        told = lines.of_verdict(report.render(released(), requests), "x")

        at = next(number for number, line in enumerate(told) if line.label == "requests")
        assert [line.text.partition(" s, ")[0] for line in told[at : at + 3]] == [
            "4 sent, 3 failed",
            "2 of read: answered 502, 2.0 s to 3.0",
            "1 of capture: answered 502, 4.0 s to 4.0",
        ]

    def test_every_blocking_finding_is_told(self) -> None:
        """A no-go shows all of its problems at once, each with its fix."""
        found = tuple(finding(f"rule-{number}", Severity.BLOCK, hint="fix") for number in range(3))
        ended = Story(plan=make_plan(findings=found)).ended("no_go", 4, serving=PREVIOUS, reason="3 problems")
        told = [line for line in lines.of_verdict(report.render(ended), "x") if line.label == "blocks"]

        assert len(told) == 3

    def test_the_reason_is_not_said_twice(self) -> None:
        """The finding that is the reason is left out of the list."""
        told = lines.of_verdict(report.render(rolled_back()), "x")

        assert "blocks" not in {line.label for line in told}


class TestPlain:
    """plain and columns."""

    def test_labels_stand_in_a_column(self) -> None:
        """Later lines of a text begin below its first."""
        told = lines.plain([Line("a", "one\ntwo"), Line("long", "three"), Line(text="four")])

        assert told == "a     one\n      two\nlong  three\nfour\n"

    def test_terminal_codes_are_taken_out(self) -> None:
        """A message cannot steer the terminal."""
        assert lines.plain([Line(text="a\x1b[2Jb\u202e")]) == "a[2Jb\n"

    def test_columns_are_aligned(self) -> None:
        """A table without lines is still a table."""
        assert lines.columns(("a", "b"), [("long", "x")]) == "a     b\nlong  x\n"


class TestProgress:
    """progress."""

    def test_an_event_says_when_what_how_long_and_what_was_seen(self) -> None:
        """One line per entry."""
        story = Story().done("api-rollout", 3.4, evidence={"serving": "9f8e7d6c5b4a"})

        (told,) = progress.event(story.entries[-1], progress.begin(story.plan, story.entries))
        assert told.split() == ["3.4s", "api-rollout", "done", "3.4", "s", "serving", "9f8e7d6c5b4a"]

    def test_findings_that_matter_stand_below_their_event(self) -> None:
        """What is fine is left to the report."""
        found = [finding("fine"), finding("worry", Severity.ADVISE, hint="look")]
        story = Story().done("preflight", findings=found)

        told = progress.event(story.entries[-1], progress.begin(story.plan, story.entries))
        assert [line.strip() for line in told[1:]] == ["advises  worry: seen > look"]

    def test_every_kind_of_entry_has_words(self) -> None:
        """Nothing that a journal can hold is silent."""
        error = {"reference": "x", "message": "why", "where": "", "why": "", "hint": ""}
        story = Story()
        for kind in EntryKind:
            story.tell(
                kind,
                "smoke" if kind.value.startswith(("step", "revert")) else None,
                error=error,
                verdict="no_go",
                why="w",
                notes={"n": 1},
            )
        state = progress.begin(story.plan)

        for entry in story.entries[2:]:
            state = progress.advance(state, entry)
            assert words.EVENTS[entry.kind] in progress.event(entry, state)[0]

    @pytest.mark.parametrize(
        ("note", "words"),
        [
            ({"kind": "commit", "ref": "f" * 40, "image": ""}, f"commit {'f' * 12}"),
            ({"kind": "tag", "ref": "v7", "image": "registry/app"}, "registry/app:v7"),
            (["w1", "w2"], "w1 w2"),
            ([], "none"),
            (["w"] * 9, "9 of them"),
        ],
    )
    def test_an_artifact_or_a_list_is_told_in_short(self, note: object, words: str) -> None:
        """In the log and in the live view, with its name."""
        story = Story().begin("api-rollout").tell(EntryKind.STEP_NOTED, "api-rollout", notes={"deploy_pin": note})
        state = progress.begin(story.plan, story.entries)
        (line,) = progress.event(story.entries[-1], state)
        assert line.endswith(f"deploy_pin {words}")
        assert progress.rows(state, running_s=0)[5].note == f"deploy_pin {words}"

    def test_a_note_that_only_a_resume_reads_is_no_line(self) -> None:
        """A blank would tell nobody anything; the live view keeps what it said before."""
        notes = {"snapshot": {"commit": "f"}, "gone": None}
        story = Story().begin("api-rollout").tell(EntryKind.STEP_NOTED, "api-rollout", notes=notes)
        state = progress.begin(story.plan, story.entries)
        assert progress.event(story.entries[-1], state) == ()
        assert progress.rows(state, running_s=0)[5].note == state.plan.steps[5].intent

    def test_a_running_step_shows_its_seconds_and_last_note(self) -> None:
        """What happens now, and since when."""
        story = Story().begin("api-rollout").tell(EntryKind.STEP_NOTED, "api-rollout", notes={"deployment": "dk4w"})
        rows = progress.rows(progress.begin(story.plan, story.entries), running_s=2.5)

        row = rows[5]
        assert (row.status, row.took, row.note, row.is_open) == (StepStatus.RUNNING, "2.5 s", "deployment dk4w", True)

    def test_a_resumed_release_shows_what_was_done_before(self) -> None:
        """Steps of the first attempt are not pending."""
        rows = progress.rows(progress.begin(make_plan(), Story().done("preflight").entries), running_s=0)

        assert [row.status for row in rows[:2]] == [StepStatus.DONE, StepStatus.PENDING]

    def test_an_undone_step_says_how_long_its_undoing_took(self) -> None:
        """The evidence of a version that is gone is not shown as if it were served."""
        rows = progress.rows(progress.begin(make_plan(), rolled_back()), running_s=0)

        assert rows[5].note == "undone in 3.0 s"
