"""Drills in the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gonogo import drills
from gonogo.model import Drill

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
DRILL = Drill(
    drill_id="20261121T030000Z",
    environment="prod",
    backup="b1",
    taken_at=AT - timedelta(hours=1),
    is_offsite=True,
    started_at=AT,
    ended_at=AT + timedelta(minutes=4),
    schema_revision="0013",
    commit="abc",
    rpo_s=3600.0,
    rto_s=240.0,
)


def test_a_drill_comes_back_from_the_ledger_as_it_was() -> None:
    """Times, problems and all; one of a backup without a time, too."""
    odd = replace(DRILL, taken_at=None, problems=("smoke failed",))

    assert drills.held([drills.entry(DRILL), drills.entry(odd)]) == (DRILL, odd)


def test_only_a_good_drill_proves_a_backup() -> None:
    """What had a problem proves nothing."""
    bad = replace(DRILL, backup="b2", problems=("public.t has 3 rows, the manifest counted 4",))

    assert list(drills.proven([drills.entry(DRILL), drills.entry(bad)])) == ["b1"]


def test_drills_of_environments_are_kept_apart() -> None:
    """By the stream's id."""
    assert drills.stream("prod") != drills.stream("staging")
    assert drills.entry(DRILL).release_id == drills.stream("prod")
