"""Real processes killed with -9 before and after each entry, each move of the lock and each effect.

Some points by default; every one with `--hypothesis-profile=large`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gonogo import journal
from gonogo.adapters.ledger import SqlLedger
from tests.acceptance.killing import Town, released
from tests.contracts import databases
from tests.unit.releases import STORIES, Death, deaths_of, outcome, twice, without_death

pytestmark = pytest.mark.acceptance

IS_LARGE = settings.get_current_profile_name() == "large"
# One that goes through, and one whose every change is undone, a migration among them.
WHOLE = ("good", "smoke-fails-contract")
SAMPLE = (
    ("good", Death(name="ledger.acquire", nth=1, is_after=True)),
    ("good", Death(name="trials.hold", nth=1, is_after=True)),
    ("good", Death(name="migrations.upgrade", nth=1, is_after=True)),
    ("good", Death(name="platform.trigger", nth=1, is_after=False)),
    ("smoke-fails-contract", Death(name="platform.trigger", nth=3, is_after=True)),
    ("smoke-fails-contract", Death(name="migrations.downgrade", nth=1, is_after=True)),
    ("smoke-fails-contract", Death(name="ledger.release", nth=1, is_after=False)),
)
POINTS = [(story, death) for story in WHOLE for death in deaths_of(STORIES[story])] if IS_LARGE else SAMPLE
EXPECTED = {story: without_death(STORIES[story]) for story in WHOLE}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Return where releases go to."""
    town = Town()
    yield town
    town.close()


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a new ledger is kept."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    with databases.created() as url:
        yield url


@pytest.mark.parametrize(
    ("story", "death"),
    [
        pytest.param(story, death, id=f"{story}-{'after' if death.is_after else 'at'}-{death.name}-{death.nth}")
        for story, death in POINTS
    ],
)
def test_a_process_killed_anywhere_leaves_what_another_brings_to_its_end(
    story: str, death: Death, town: Town, ledger_url: str
) -> None:
    """All old or all new, nothing twice, the lock free at once: its process is seen to be gone."""
    scene = STORIES[story]()
    plan = STORIES[story].plan(scene)
    ledger = SqlLedger(ledger_url)
    town.show(scene)

    assert released(town, ledger_url, plan, death) == -9
    assert ledger.holder("prod") is None
    assert released(town, ledger_url, plan) == 0

    state = journal.replay(ledger.read(plan.release_id))
    assert outcome(scene, state) == EXPECTED[story]
    assert (twice(scene), ledger.holder("prod"), scene.scratch) == ([], None, set())
