"""A trial drawn and told: locks over time, each revision, and the same in words."""

import json
from dataclasses import replace

import pytest

from gonogo import report
from gonogo.model import Compared, LockMode
from gonogo.report import lines, locks, rehearsal, trials
from tests.report.samples import released
from tests.report.trials import REVISIONS, TRIAL, rehearsed

DRAWN = locks.draw(TRIAL)


class TestDrawn:
    """The timeline of locks."""

    def test_a_row_for_each_relation_the_hardest_lock_first(self) -> None:
        """What nobody could read stands on top."""
        names = ("users", "invoices_with_a_long_name", "orders")
        places = [DRAWN.index(f'<th scope="row">{name}') for name in names]
        assert places == sorted(places)

    @pytest.mark.parametrize("kind", ["reads", "writes", "harmless"])
    def test_whom_a_lock_stops_is_told_by_height_and_by_colour(self, kind: str) -> None:
        """In the bars and in the legend."""
        assert f'class="hold {kind}"' in DRAWN
        heights = {each: locks._BARS[each][1] for each in ("reads", "writes", "harmless")}
        assert len({*heights.values()}) == 3

    def test_the_axis_is_to_scale_over_all_revisions(self) -> None:
        """The third revision begins after the first two."""
        whole = 0.61 + 0.004 + 1.4
        assert f'x="{100 * (0.614 + 0.1) / whole:.3f}%"' in DRAWN
        assert f'x1="{100 * 0.614 / whole:.3f}%"' in DRAWN

    def test_what_the_load_waited_is_marked(self) -> None:
        """With its ends."""
        assert (DRAWN.count('class="stall"'), DRAWN.count('class="stall-end"')) == (3, 4)

    def test_every_row_is_there_in_words(self) -> None:
        """For those who cannot see it."""
        assert (
            "public.users. 0008: ACCESS SHARE for 590 ms, nobody waits; 0009: ACCESS EXCLUSIVE for 0.8 ms, "
            "nobody can read or write; 0010: ACCESS EXCLUSIVE for 1.2 s, nobody can read or write; "
            "0010: 3 sessions that read waited, the longest 1.2 s"
        ) in DRAWN

    def test_a_trial_without_locks_says_so(self) -> None:
        """It is no empty drawing."""
        quiet = replace(TRIAL, traced=tuple(replace(each, holds=(), stalls=()) for each in TRIAL.traced))
        assert "No lock was seen" in locks.draw(quiet)

    def test_nothing_from_outside_is_markup(self) -> None:
        """A relation may be called anything."""
        hold = replace(TRIAL.traced[0].holds[0], relation='public."<b>"', statement="<script>")
        drawn = locks.draw(replace(TRIAL, traced=(replace(TRIAL.traced[0], holds=(hold,), stalls=()),)))
        assert ("<script>" in drawn, "<b>" in drawn, "&lt;b&gt;" in drawn) == (False, False, True)


class TestTold:
    """The same in a terminal."""

    def test_a_lock_is_a_row_of_signs(self) -> None:
        """As far along as it was held."""
        drawn = trials.bar(TRIAL.traced[2], "public.users")
        assert (len(drawn), drawn.count("█"), drawn[1:3]) == (26, 22, " █")
        assert trials.bar(TRIAL.traced[1], "public.users").count("█") >= 1

    def test_each_revision_says_what_it_did(self) -> None:
        """Time, lock, who waits, what was written anew, what the load waited, the stair, the findings."""
        told = lines.plain(rehearsal.of_rehearsal(rehearsed(), "report.html"))
        for said in (
            "20261121T030000Z, 6 h old, sha256 as in its manifest, 228.0 MB restored, on PostgreSQL 18.4",
            "3 revisions, 0007 → 0010",
            "SHARE 566 ms, nobody can write",
            "2 sessions to write public.orders, the longest 550 ms",
            "88.0 MB: public.users",
            "leaves traces; column users.age is bigint, was integer; up loses 12,345 values of public.users.age",
            "444444444444 does not run on the new schema: GET /users/{id}: column users.age does not exist",
            "to read 1.2 s (0010), to write 1.2 s (0010)",
            "no-go: 1 blocker",
        ):
            assert said in told, said

    def test_it_fits_a_narrow_terminal(self) -> None:
        """The drawn rows do; words wrap."""
        told = lines.plain(rehearsal.of_rehearsal(rehearsed(), "report.html"))
        assert max(len(line) for line in told.splitlines() if "▕" in line) <= 80

    def test_the_record_holds_all_of_it(self) -> None:
        """One JSON object, with the exit code."""
        said = json.loads(json.dumps(report.rehearsal_document(rehearsed(), page="x")))
        assert (said["verdict"], said["exit_code"], said["start"]) == ("no_go", 4, "0007")
        assert said["trial"]["traced"][0]["holds"][0]["mode"] == LockMode.SHARE
        assert [each["rule"] for each in said["findings"]["0010"]] == ["trial-stops-reads"]

    def test_nothing_pending_is_said(self) -> None:
        """And is good."""
        idle = replace(rehearsed(), revisions=(), trial=None, findings={})
        assert (idle.is_good, "Nothing pending" in report.rehearsal_page(idle)) == (True, True)


class TestReleased:
    """In a release's report."""

    def test_the_page_shows_trial_and_comparison(self) -> None:
        """This release's, and the earlier ones'."""
        told = replace(
            report.render(released()),
            trial=TRIAL,
            pending=REVISIONS,
            compared=(Compared(revision="0008", predicted_s=0.61, took_s=0.66, attempts=1),),
            track=(Compared(revision="0007", predicted_s=0.2, took_s=None, release_id="earlier"),),
        )
        text = report.page(told)
        for said in ("Trial of the migrations", "Predicted and taken", "610 ms", "660 ms", "earlier", "not recorded"):
            assert said in text, said

    def test_the_verdict_says_it_in_two_lines(self) -> None:
        """What was foreseen, and what happened."""
        compared = (Compared(revision="0008", predicted_s=0.8, took_s=0.9, attempts=1),)
        told = lines.plain(lines.of_verdict(replace(report.render(released()), trial=TRIAL, compared=compared), "x"))
        assert "0008: 610 ms, SHARE on public.orders 566 ms" in told
        assert "0008: predicted 800 ms, took 900 ms" in told

    def test_a_release_without_a_trial_has_no_empty_section(self) -> None:
        """As all those before trials were held."""
        page = report.page(report.render(released()))
        assert ("Trial of the migrations" in page, "Predicted and taken" in page) == (False, False)
