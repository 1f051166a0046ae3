"""How an environment is, part by part."""

import pytest

from gonogo import vitals
from gonogo.model import WorkerBeat
from gonogo.testing import OLD, Scene
from tests.unit.releases import CONFIG


def _examined(scene: Scene) -> dict[str, vitals.Vital]:
    """Return the vitals of a scene by part."""
    return {vital.part: vital for vital in vitals.examine(scene.world(), CONFIG)}


def test_a_healthy_environment_is_well_in_every_part() -> None:
    """API, worker, database, Coolify."""
    seen = _examined(Scene())
    assert list(seen) == ["api", "worker", "database", "coolify"]
    assert all(vital.is_well for vital in seen.values())


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("api", "a00000000000, schema r1, 2 ms"),
        ("worker", "a00000000000 0.1 s ago"),
        ("database", "PostgreSQL 18, schema r1, 0.0 MB"),
        ("coolify", "Coolify 4.3.11: api running:healthy, worker running:healthy"),
    ],
)
def test_each_part_says_what_was_seen(part: str, words: str) -> None:
    """Versions and values, not adjectives."""
    assert _examined(Scene())[part].says == words


@pytest.mark.parametrize(
    ("scene", "part", "words"),
    [
        (Scene(unready={OLD: "redis: refused"}), "api", "not ready: redis: refused"),
        (Scene(down={"service"}), "api", "unknown not ready"),
        (Scene(working=None), "worker", "no heartbeat in the last 15 s"),
        (Scene(down={"database"}), "database", "the database does not answer"),
        (Scene(schema=None), "database", "schema None"),
        (Scene(down={"platform"}), "coolify", "the platform does not answer"),
    ],
)
def test_a_part_that_is_not_well_says_why(scene: Scene, part: str, words: str) -> None:
    """And the others are asked all the same."""
    seen = _examined(scene)
    assert (seen[part].is_well, len(seen)) == (False, 4)
    assert words in seen[part].says


@pytest.mark.parametrize(("state", "age_s"), [("running", 15.1), ("stopped", 0.1), ("stopping", 0.1)])
def test_a_beat_that_is_old_or_a_last_one_is_none(state: str, age_s: float) -> None:
    """A worker that is going is no worker."""
    beats = (WorkerBeat(id="w", commit=OLD, state=state, age_s=age_s),)
    assert not _examined(Scene(beats=beats))["worker"].is_well
