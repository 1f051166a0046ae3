"""A repository that always names one commit, so that a rehearsal's target cannot move under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gonogo.model import GitFacts, Searched, Secret
from gonogo.protocols import Git


@dataclass(frozen=True, slots=True)
class PinnedGit:
    """A repository whose head is pinned."""

    git: Git
    commit: str

    def facts(self) -> GitFacts:
        """Return the checkout's facts with the pinned commit."""
        return replace(self.git.facts(), commit=self.commit, unpushed=False)

    def leaked(self, secrets: Sequence[Secret]) -> Searched:
        """Return where secrets that are in use stand in the history."""
        return self.git.leaked(secrets)

    def snapshot(self) -> str:
        """Return the pinned commit: it is the snapshot."""
        return self.commit

    def resolve(self, ref: str) -> str:
        """Return a ref's commit; the head is the pinned one."""
        return self.commit if ref == "HEAD" else self.git.resolve(ref)
