"""What stood on an environment one after the other, and what of it can be gone back to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from gonogo import codec, lineage
from gonogo.errors import NoGoError, UsageError
from gonogo.journal import State, StepState
from gonogo.model import AppSnapshot, Pin, Plan, PlanKind, Snapshot, Verdict
from gonogo.testing import revision

A, B, C, D = (f"{sign}{place}" + "0" * 38 for place, sign in enumerate("abcd"))
START = datetime(2026, 1, 1, tzinfo=UTC)
BACK = PlanKind.ROLLBACK
GOOD, UNDONE, STUCK = Verdict.RELEASED, Verdict.ROLLED_BACK, Verdict.NEEDS_PERSON


def snapshot(commit: str, revision: str = "r1") -> Snapshot:
    """Return how an environment stood."""
    app = AppSnapshot(uuid="u", pin=Pin.of_commit(commit))
    return Snapshot(commit=commit, schema_revision=revision, api=app, worker=app)


class Leg(NamedTuple):
    """One release, from a commit to another; a good one unless said otherwise."""

    start: str
    end: str
    verdict: Verdict = GOOD
    kind: PlanKind = PlanKind.RELEASE


def told(*legs: tuple[str, str] | tuple[str, str, Verdict] | tuple[str, str, Verdict, PlanKind]) -> tuple[State, ...]:
    """Return the states of releases, newest first."""
    states = []
    for number, (start, end, verdict, kind) in enumerate(Leg(*leg) for leg in legs):
        plan = Plan(
            release_id=f"R{number}",
            environment="prod",
            created_at=START,
            previous_commit=start,
            target_commit=end,
            subject=f"subject of {number}",
            start_revision="r1",
            target_revision="r1",
            pending=(revision("m"), revision(f"m{number}")),
            steps=(),
            findings=(),
            way_back="",
            kind=kind,
            before=snapshot(start),
        )
        at = START + timedelta(hours=number)
        ended_at = None if verdict is Verdict.UNFINISHED else at
        states.append(State(plan=plan, steps={}, started_at=at, ended_at=ended_at, verdict=verdict))
    return tuple(reversed(states))


def goal(states: Sequence[State], serving: str | None, wanted: str = "") -> str:
    """Return the commit to go back to."""
    return lineage.goal(states, environment="prod", serving=serving, wanted=wanted).commit


class TestBefore:
    """Without a name: what stood there before what serves."""

    @pytest.mark.parametrize(
        ("states", "serving", "expected"),
        [
            (told((A, B)), B, A),
            (told((A, B), (B, C)), C, B),
            # What failed never stood there.
            (told((A, B), (B, C, UNDONE), (B, D)), D, B),
            (told((A, B), (B, C, Verdict.NO_GO), (B, D)), D, B),
            # What a failed release left standing is nothing to go back to.
            (told((A, B), (B, C, STUCK), (C, D)), D, B),
            (told((A, B), (B, C, STUCK)), C, B),
            # What was gone back from is not gone back to.
            (told((A, B), (B, C), (C, B, GOOD, BACK)), B, A),
            (told((A, B), (B, C), (C, B, GOOD, BACK), (B, D)), D, B),
            # A rollback that was undone changed nothing.
            (told((A, B), (B, C), (C, B, UNDONE, BACK)), C, B),
            # A second release of the same commit is the same stand.
            (told((A, B), (B, C), (C, C)), C, B),
            # What somebody put there by hand, and a release found, was there.
            (told((A, B), (C, D)), D, C),
            # Somebody went back by hand.
            (told((A, B), (B, C)), B, A),
            # Something else serves: the last that was good.
            (told((A, B), (B, C)), D, C),
            # Nothing answers: what stood there last is what is broken.
            (told((A, B), (B, C)), None, B),
            # A release that is under way is no stand yet.
            (told((A, B), (B, C, Verdict.UNFINISHED)), C, B),
        ],
    )
    def test_it_is_the_last_that_was_good(self, states: tuple[State, ...], serving: str | None, expected: str) -> None:
        """By the ledger, and by what serves now."""
        assert goal(states, serving) == expected

    @pytest.mark.parametrize(("states", "serving"), [((), A), (told((A, B, UNDONE)), A), (told((A, B)), A)])
    def test_where_nothing_stood_before_it_says_so(self, states: tuple[State, ...], serving: str) -> None:
        """With where to look."""
        with pytest.raises(NoGoError, match="nothing that stood on prod before") as caught:
            goal(states, serving)
        assert "invoke deploy.history --env prod" in caught.value.hint


class TestNamed:
    """By a release's id, or by a commit."""

    STATES = told((A, B), (B, C), (C, D, UNDONE))

    @pytest.mark.parametrize(
        ("wanted", "expected"), [("R0", B), ("R1", C), (B, B), (B[:7], B), (B[:12].upper(), B), (A, A)]
    )
    def test_it_is_that_one(self, wanted: str, expected: str) -> None:
        """The first version too, which a release found there."""
        assert goal(self.STATES, C, wanted) == expected

    @pytest.mark.parametrize("wanted", ["R2", D, D[:12]])
    def test_one_that_failed_is_refused_with_how_it_ended(self, wanted: str) -> None:
        """It was never proven."""
        with pytest.raises(UsageError, match="was not released: release R2 ended as rolled_back") as caught:
            goal(self.STATES, C, wanted)
        assert (B[:12] in caught.value.hint, D[:12] in caught.value.hint) == (True, False)

    @pytest.mark.parametrize("wanted", ["R9", "f" * 40, B[:6], "main"])
    def test_one_that_nobody_knows_is_refused(self, wanted: str) -> None:
        """Too few digits are no name."""
        with pytest.raises(UsageError, match="names no release to this environment"):
            goal(self.STATES, C, wanted)

    def test_a_name_of_two_versions_is_refused(self) -> None:
        """Nobody guesses."""
        twin = B[:20] + "1" * 20
        with pytest.raises(UsageError, match="names 2 versions"):
            goal(told((A, B), (B, twin)), twin, B[:12])


class TestGoal:
    """What is known of it."""

    def test_it_has_the_release_that_brought_it(self) -> None:
        """With the commit's subject, as it was released."""
        found = lineage.goal(told((A, B), (B, C)), environment="prod", serving=C)
        assert (found.release_id, found.subject) == ("R0", "subject of 0")

    def test_what_a_release_wrote_down_at_its_end_is_its_snapshot(self) -> None:
        """What the next one found may have been changed since."""
        newer, older = told((A, B), (B, C))
        written = snapshot(B, "written")
        note = {"snapshot": codec.snapshot_to_json(written)}
        older = State(
            plan=older.plan,
            steps={"sign-off": StepState(name="sign-off", notes=note)},
            started_at=older.started_at,
            ended_at=older.ended_at,
            verdict=older.verdict,
        )
        assert lineage.goal((newer, older), environment="prod", serving=C).snapshot == written

    @pytest.mark.parametrize("wanted", ["", "R0", B])
    def test_where_it_wrote_nothing_down_what_the_next_one_found_is(self, wanted: str) -> None:
        """Earlier releases did not write it."""
        found = lineage.goal(told((A, B), (B, C)), environment="prod", serving=C, wanted=wanted)
        assert (found.snapshot, found.release_id) == (snapshot(B), "R0")

    def test_each_migration_has_the_release_whose_backup_came_before_it(self) -> None:
        """To be restored where there is no way back; one that was taken back in between is in the newest."""
        found = lineage.goal(told((A, B), (B, C)), environment="prod", serving=C)
        assert found.dumps == {"m0": "R0", "m1": "R1", "m": "R1"}

    def test_it_is_known_when_it_was_replaced(self) -> None:
        """Jobs that were queued since the first time may be of a newer form; also those of a release that failed."""
        states = told((A, B), (B, C, STUCK), (C, B, GOOD, BACK), (B, D))
        assert lineage.replaced(states, B) == (START + timedelta(hours=1), START + timedelta(hours=3))
        assert lineage.replaced(states, D) == ()

    def test_what_stood_there_last_is_known(self) -> None:
        """Also when nothing answers."""
        assert (lineage.last(told((A, B), (B, C, UNDONE))), lineage.last(())) == (B, "")


def test_predictions_of_earlier_releases_come_newest_first() -> None:
    """Each with its release; the release itself and later ones are left out."""
    legs = told((A, B), (B, C), (C, D))
    compared = [{"revision": "r2", "predicted_s": 0.8, "took_s": 0.9, "attempts": 1}]
    states = [
        replace(state, steps={"migrate": StepState(name="migrate", notes={"compared": compared})}) for state in legs
    ]
    newest, middle, oldest = (state.plan.release_id for state in states)
    assert [each.release_id for each in lineage.track(states, before=newest)] == [middle, oldest]
    assert lineage.track(states, before=oldest) == ()
    assert [each.release_id for each in lineage.track(states, before=newest, most=1)] == [middle]
