"""The fake of the place where migrations are tried."""

from datetime import UTC, datetime, timedelta

from gonogo.model import Climb, Climbed, Outlived, Traced, Trial, TrialWish
from gonogo.testing.state import Fake


class MemoryTrials(Fake):
    """Trials that come to what the scene says."""

    def hold(self, wish: TrialWish) -> Trial:
        """Return what the scene says; else that each revision is quick, reversible, and survived by the old code."""
        with self.scene.effect("trials.hold", wish.scratch):
            self.scene.scratch.add(wish.scratch)
        self.clear(wish.scratch)
        return self.scene.trial or self._harmless(wish)

    def clear(self, scratch: str) -> None:
        """Drop what is left of a trial."""
        if scratch in self.scene.scratch:
            with self.scene.effect("trials.clear", scratch):
                self.scene.scratch.remove(scratch)

    def _harmless(self, wish: TrialWish) -> Trial:
        """Return a trial that found nothing."""
        elder = wish.previous
        return Trial(
            at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.scene.seconds),
            backup=wish.backup.name if wish.backup else "",
            server_version="18.4",
            database_bytes=1000,
            traced=tuple(Traced(revision=each.id, seconds=0.1) for each in wish.pending),
            climbed=tuple(
                Climbed(revision=each.id, climb=Climb.OK if each.reversible else Climb.NOT_TRIED)
                for each in reversed(wish.pending)
            ),
            outlived=Outlived(commit=elder.commit, runs=None, why="nobody tried") if elder else None,
        )
