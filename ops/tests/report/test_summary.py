"""The record for programs and the lines for logs."""

import json

from gonogo import report
from tests.report.samples import PREVIOUS, Story, released, rolled_back
from tests.report.samples import request as sent

KEYS = [
    "release_id",
    "environment",
    "kind",
    "verdict",
    "exit_code",
    "reason",
    "where",
    "hint",
    "previous_version",
    "target_version",
    "serving_version",
    "subject",
    "started_at",
    "ended_at",
    "duration_s",
    "idle_s",
    "requests_total",
    "requests_failed",
    "steps",
    "pending",
    "way_back",
    "forecast",
    "trial",
    "predictions",
    "track",
    "report",
]


class TestDocument:
    """document."""

    def test_keys_keep_their_order(self) -> None:
        """Two records can be compared line by line."""
        assert list(report.document(report.render(released()), page="x")) == KEYS

    def test_it_is_json(self) -> None:
        """It comes back from JSON as it was."""
        made = report.document(report.render(rolled_back(), [sent(1)]), page="x")

        assert made == json.loads(json.dumps(made))

    def test_versions_are_the_first_twelve_digits(self) -> None:
        """Programs see the same names as people."""
        made = report.document(report.render(rolled_back()), page="x")

        versions = (made["previous_version"], made["target_version"], made["serving_version"])
        assert versions == ("1a2b3c4d5e6f", "9f8e7d6c5b4a", "1a2b3c4d5e6f")

    def test_a_version_that_was_not_observed_is_null(self) -> None:
        """Not knowing is never written as a version."""
        ended = Story().ended("needs_person", 6, serving=None)

        assert report.document(report.render(ended), page="x")["serving_version"] is None

    def test_requests_are_counted(self) -> None:
        """All of them, and those that failed."""
        made = report.document(report.render(released(), [sent(1), sent(2, failed=True), sent(3)]), page="x")

        assert (made["requests_total"], made["requests_failed"]) == (3, 1)

    def test_a_step_has_its_proof(self) -> None:
        """Name, status, seconds, findings and evidence, as observed."""
        first = report.document(report.render(released()), page="x")["steps"][0]  # type: ignore[index]  # a list

        assert first == {
            "name": "preflight",
            "status": "done",
            "seconds": 1.0,
            "reverted_seconds": None,
            "idle_s": 0.0,
            "findings": [],
            "evidence": {"seen": "proof of preflight"},
        }

    def test_an_unfinished_release_has_no_end(self) -> None:
        """Its end is null, its duration zero."""
        made = report.document(report.render(Story().begin("backup").entries), page="x")

        assert (made["ended_at"], made["duration_s"]) == (None, 0.0)


class TestText:
    """text."""

    def test_it_says_what_a_log_needs(self) -> None:
        """Time, release, environment, verdict on the first line."""
        first = report.text(report.render(released())).splitlines()[0]

        assert first == "2026-11-20 12:03:11 UTC  20261120-120311-k3f9 to prod: released"

    def test_a_failure_is_told_with_step_reason_and_next_command(self) -> None:
        """A log line that only says `failed` helps nobody."""
        lines = report.text(report.render(rolled_back())).splitlines()

        assert lines[-3:] == [
            "  step      smoke",
            "  reason    2 of 14 smoke tests failed",
            "  next      invoke deploy.status",
        ]

    def test_steps_that_did_not_simply_end_say_so(self) -> None:
        """Undone and failed steps stand out among the done ones."""
        told = report.text(report.render(rolled_back()))

        assert "api-rollout 2.0 s (undone), worker-rollout 2.0 s (undone), smoke 4.0 s (failed)" in told

    def test_a_message_cannot_break_out_of_its_line(self) -> None:
        """Line breaks and terminal codes in a message do not reach the log."""
        ended = Story().ended("rolled_back", 1, serving=PREVIOUS, reason="one\n2026 forged\x1b[2J")

        assert "  reason    one 2026 forged[2J" in report.text(report.render(ended)).splitlines()

    def test_it_ends_without_a_line_break(self) -> None:
        """Who appends it decides what comes after."""
        assert not report.text(report.render(released())).endswith("\n")
