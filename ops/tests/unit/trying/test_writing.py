"""A trial to JSON and back."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import codec, trying
from gonogo.model import (
    Climb,
    Climbed,
    Compared,
    Hold,
    LockMode,
    Lost,
    Outlived,
    Rewrite,
    Stall,
    Traced,
    Trial,
)

_TEXT = st.text(max_size=12)
_TIMES = st.floats(min_value=0, max_value=1e6)
_HOLDS = st.builds(
    Hold, relation=_TEXT, mode=st.sampled_from(LockMode), began_s=_TIMES, ended_s=_TIMES, statement=_TEXT
)
_LOST = st.lists(st.builds(Lost, relation=_TEXT, column=_TEXT, values=st.integers(0, 9)), max_size=1).map(tuple)
_TRACED = st.builds(
    Traced,
    revision=_TEXT,
    seconds=_TIMES,
    holds=st.lists(_HOLDS, max_size=3).map(lambda holds: tuple(sorted(holds, key=lambda hold: hold.began_s))),
    stalls=st.lists(
        st.builds(Stall, relation=_TEXT, need=_TEXT, sessions=st.integers(0, 9), longest_s=_TIMES), max_size=1
    ).map(tuple),
    rewrites=st.lists(st.builds(Rewrite, relation=_TEXT, bytes=st.integers(0, 9)), max_size=1).map(tuple),
    growth_bytes=st.integers(-9, 9),
    problem=_TEXT,
)
_TRIALS = st.builds(
    Trial,
    at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # aware by timezones
    backup=_TEXT,
    server_version=_TEXT,
    database_bytes=st.integers(0, 9),
    traced=st.lists(_TRACED, max_size=2).map(tuple),
    climbed=st.lists(
        st.builds(
            Climbed,
            revision=_TEXT,
            climb=st.sampled_from(Climb),
            differences=st.lists(_TEXT, max_size=2).map(tuple),
            lost_up=_LOST,
            lost_down=_LOST,
            problem=_TEXT,
        ),
        max_size=2,
    ).map(tuple),
    outlived=st.none()
    | st.builds(
        Outlived,
        commit=_TEXT,
        runs=st.none() | st.booleans(),
        failed=st.lists(_TEXT, max_size=2).map(tuple),
        why=_TEXT,
        excused=_TEXT,
    ),
    notes=st.lists(_TEXT, max_size=2).map(tuple),
)


def _stored(data: Any) -> Any:
    """Return what a ledger gives back."""
    return json.loads(json.dumps(data))


def _big(count: int) -> Trial:
    """Return a trial with many locks, of which the strongest are the last."""
    weak = [
        Hold(relation=f"t{n}", mode=LockMode.ACCESS_SHARE, began_s=n, ended_s=n + 1, statement="s" * 9000)
        for n in range(count)
    ]
    strong = Hold(relation="users", mode=LockMode.ACCESS_EXCLUSIVE, began_s=count, ended_s=count + 0.1)
    rewrites = tuple(Rewrite(relation=f"t{n}", bytes=1000) for n in range(count))
    traced = Traced(revision="r2", seconds=9.0, holds=(*weak, strong), rewrites=rewrites)
    climbed = Climbed(revision="r2", climb=Climb.LEAVES_TRACES, differences=("d" * 9000,) * count)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Trial(at=at, backup="b", server_version="18", database_bytes=1, traced=(traced,), climbed=(climbed,))


@settings(max_examples=60, deadline=None, database=None)
@given(_TRIALS)
def test_a_trial_is_the_same_after_it_was_stored(trial: Trial) -> None:
    """Field by field, whatever is in it."""
    assert codec.trial_from_json(_stored(trying.to_json(trial))) == trial


def test_a_big_trial_is_stored_small() -> None:
    """With what is strongest, and a note that says what was left out."""
    data = _stored(trying.to_json(_big(5000)))
    kept = codec.trial_from_json(data)
    assert len(json.dumps(data)) < 500_000
    assert kept.traced[0].holds[-1].mode is LockMode.ACCESS_EXCLUSIVE
    assert sum(each.bytes for each in kept.traced[0].rewrites) == 5_000_000
    assert "are not kept" in kept.notes[-1]


def test_comparisons_are_the_same_after_they_were_stored() -> None:
    """What is not known stays unknown."""
    compared = (
        Compared(revision="r2", predicted_s=0.8, took_s=None),
        Compared(revision="r3", predicted_s=None, took_s=1),
    )
    assert trying.compared_from_json(_stored(trying.compared_to_json(compared))) == compared
