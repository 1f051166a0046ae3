"""Who works, by the workers' own heartbeats."""

from dataclasses import replace

import pytest

from gonogo import heartbeats
from gonogo.model import Config, WorkerBeat, WorkerStop
from gonogo.protocols import Context
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import CONFIG, Hand

WELL = WorkerStop(in_flight=2, ended=1, handed_back=1, left=0, seconds=2.1)


def _beat(name: str = "w", commit: str = NEW, state: str = "running", **more: object) -> WorkerBeat:
    """Return a heartbeat."""
    beat = WorkerBeat(id=name, commit=commit, state=state, age_s=0.1, build_id="b", fingerprint="f")
    return replace(beat, **more)  # type: ignore[arg-type]  # its own fields


def _context(*beats: WorkerBeat, replicas: int = 1) -> Context:
    """Return a context in which some workers beat."""
    scene = Scene()
    config: Config = replace(CONFIG, target=replace(CONFIG.target, worker_replicas=replicas))
    context = Hand(scene=scene, step="worker-rollout", config=config).context()
    scene.beats = beats
    return context


class TestWatch:
    """Watch."""

    def test_only_new_ones_for_the_settling_time_are_steady(self) -> None:
        """Their number, build and configuration are told."""
        watch = heartbeats.Watch(_context(_beat("a"), _beat("b"), replicas=2), NEW)
        assert watch.is_steady
        assert watch.evidence == {
            "beating": NEW[:12],
            "workers": "2 seen, 2 expected",
            "worker build": "b",
            "worker configuration": "f",
        }

    @pytest.mark.parametrize(
        ("other", "words"),
        [
            (_beat("o", OLD), "workers beating: a0+, b0+; expected only b0+"),
            (_beat("o", OLD, "stopping"), r"workers beating: a0+ \(stopping\), b0+; expected only b0+"),
            (_beat("o", build_id="c"), "workers of b0+ are not alike: b set up as f, c set up as f"),
            (_beat("o", fingerprint="g"), "workers of b0+ are not alike: b set up as f, b set up as g"),
        ],
        ids=["old", "stopping", "other-build", "other-configuration"],
    )
    def test_another_one_beside_it_is_not(self, other: WorkerBeat, words: str) -> None:
        """An old one, one that still stops, another build, another configuration."""
        watch = heartbeats.Watch(_context(_beat(), other), NEW)
        assert not watch.is_steady
        with pytest.raises(AssertionError, match=words):
            raise AssertionError(watch.said)

    def test_too_few_are_not(self) -> None:
        """On several servers each has its own."""
        watch = heartbeats.Watch(_context(_beat(), replicas=2), NEW)
        assert (watch.is_steady, watch.said) == (False, f"1 of 2 workers of {NEW[:12]} beat")

    def test_what_is_not_told_is_not_asked_for(self) -> None:
        """A service that says less is believed for what it says."""
        watch = heartbeats.Watch(_context(_beat(build_id=None, fingerprint=None)), NEW)
        assert (watch.is_steady, watch.builds, watch.fingerprint) == (True, frozenset(), None)
        assert watch.evidence["worker configuration"].startswith("not told: set CONFIG_FINGERPRINT_KEY")


class TestFarewell:
    """farewell."""

    def test_it_tells_how_they_stopped(self) -> None:
        """How long it took, and what became of the jobs in hand."""
        gone = (_beat("a", OLD, "stopped", stop=WELL), _beat("b", OLD, "stopped", stop=replace(WELL, seconds=0.3)))
        told = heartbeats.farewell(_context(_beat(), *gone), ["a", "b"])
        words = "2 stopped after 2.1 s; of 4 jobs in flight 2 ended, 2 handed back, 0 left to their leases"
        assert (told.evidence, told.findings) == ({"old workers": words}, ())

    def test_one_that_says_nothing_of_its_jobs_is_told(self) -> None:
        """As an older release's."""
        told = heartbeats.farewell(_context(_beat("a", OLD, "stopped")), ["a"])
        assert told.evidence == {"old workers": "1 stopped, not all said what became of their jobs"}

    @pytest.mark.parametrize(
        ("last", "words"),
        [
            ((), "1 old workers ended without a word"),
            ((_beat("a", OLD, age_s=60.0),), "1 old workers ended without a word"),
            ((_beat("a", OLD, "stopped", stop=replace(WELL, left=3)),), "old workers left 3 jobs"),
        ],
        ids=["forgotten", "silent", "left"],
    )
    def test_jobs_that_wait_for_their_leases_are_told(self, last: tuple[WorkerBeat, ...], words: str) -> None:
        """They start late; nothing is lost."""
        (finding,) = heartbeats.farewell(_context(*last), ["a"]).findings
        assert (finding.rule, finding.severity.value, words in finding.message) == ("worker-farewell", "advise", True)

    def test_nobody_replaced_has_nothing_to_tell(self) -> None:
        """As where the target worked already."""
        assert heartbeats.farewell(_context(_beat()), []).evidence == {}
