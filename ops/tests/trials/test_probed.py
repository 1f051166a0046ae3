"""What a trial says of a lock, held against sessions that wait for it: within 10 %, or 5 ms.

The small profile holds the order of things alone: a lock is held for as long as somebody waits for it. The large one
(--hypothesis-profile=large, on a machine with nothing else to do) measures on 300,000 rows, and holds the times.
"""

import os
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import settings

from gonogo.adapters.trials import copies, tracing
from gonogo.adapters.trials.child import Project as Run
from gonogo.adapters.trials.child import started
from gonogo.model import LockMode, Secret, Traced
from tests.trials.probing import reader, writer
from tests.trials.projects import COMMANDS, NO_LOAD, Project, trials

IS_LARGE = settings().max_examples >= settings.get_profile("large").max_examples
_ROWS = 300_000 if IS_LARGE else 20_000
_SHARE, _MARGIN_S = 0.10, 0.005
_START = """
op.execute("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, v text)")
op.execute("INSERT INTO t SELECT g, g % 10, 'value ' || g FROM generate_series(1, ROWS) AS g")
op.execute("CREATE TABLE parent (id int PRIMARY KEY)")
op.execute("INSERT INTO parent SELECT generate_series(0, 9)")
"""
_REVISIONS: Mapping[str, str] = {
    "index": 'op.create_index("ix", "t", ["v"])',
    "type": 'op.execute("ALTER TABLE t ALTER n TYPE bigint")',
    "check": 'op.create_check_constraint("ck", "t", "n >= 0")',
    "foreign_key": 'op.create_foreign_key("fk", "t", "parent", ["n"], ["id"])',
    "volatile": 'op.execute("ALTER TABLE t ADD u uuid DEFAULT gen_random_uuid()")',
    "unique": 'op.create_unique_constraint("uq", "t", ["v"])',
    "two_steps": 'op.create_index("iy", "t", ["n"])\nop.execute("UPDATE t SET v = v || \'x\' WHERE id < 5000")',
}
Waits = Mapping[str, float]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Traced, Waits]]:
    """Return each revision with what the trial says, and the longest that a reader and a writer waited meanwhile."""
    project = Project(tmp_path_factory.mktemp("probed") / "foreign")
    project.add("start", _START.replace("ROWS", str(_ROWS)))
    for name, up in _REVISIONS.items():
        project.add(name, up)
    run = Run(checkout=project.checkout, commands=COMMANDS, limits=trials().limits)
    server = Secret("SCRATCH_DATABASE_URL", os.environ["TEST_DATABASE_URL"])
    wish, found = project.wish("start"), {}
    with (
        copies.held(server, wish.scratch, target=None) as scratch,
        scratch.original(None) as copy,
        started(run, database=copy.url) as runner,
    ):
        runner.scheme = "postgresql+psycopg"
        with runner.on(copy.url) as child:
            assert not child.upgrade("start")
        with reader(copy.url) as reading, writer(copy.url) as writing:
            for revision in wish.pending:
                began = time.monotonic()
                trace = tracing.trace(runner, copy.url, (revision,), NO_LOAD)
                within = (trace.pauses, began, time.monotonic())
                waits = {"read": reading.longest_s(*within), "write": writing.longest_s(*within)}
                found[revision.id] = (trace.traced[0], waits)
    return found


def _held(traced: Traced) -> Waits:
    """Return how long the trial says that readers and writers of the table had to wait."""
    holds = [each for each in traced.holds if each.relation == "public.t"]
    return {
        "read": max((each.seconds for each in holds if each.mode.blocks_reads), default=0.0),
        "write": max((each.seconds for each in holds if each.mode.blocks_writes), default=0.0),
    }


@pytest.mark.parametrize("name", _REVISIONS)
def test_a_lock_is_held_no_shorter_than_somebody_waits_for_it(
    name: str, seen: Mapping[str, tuple[Traced, Waits]]
) -> None:
    """But for the moments of a busy machine."""
    traced, waits = seen[name]
    held = _held(traced)

    assert traced.problem == ""
    assert held["write"] > 0
    if held["read"]:
        assert held["read"] <= held["write"]
    else:
        assert not any(each.mode is LockMode.ACCESS_EXCLUSIVE for each in traced.holds if each.relation == "public.t")
    if held["write"] > 1.0:
        assert waits["write"] > held["write"] / 2


@pytest.mark.skipif(not IS_LARGE, reason="times are only held with --hypothesis-profile=large")
def test_times_are_those_of_an_independent_probe(
    seen: Mapping[str, tuple[Traced, Waits]], record_property: Callable[[str, object], None]
) -> None:
    """Within 10 % or 5 ms of what it waited, for each operation."""
    lines = ["operation     need    trial ms   probe ms   off"]
    missed = []
    for name, (traced, waits) in seen.items():
        for need, held in _held(traced).items():
            if held:
                off = abs(held - waits[need])
                share = off / waits[need] if waits[need] else 1.0
                lines.append(f"{name:13} {need:6} {held * 1e3:9.1f}  {waits[need] * 1e3:9.1f}  {share:6.1%}")
                missed += [lines[-1]] if off > max(_SHARE * waits[need], _MARGIN_S) else []
    table = "\n".join(lines)
    record_property("predicted and probed", table)

    assert missed == [], table
