"""What a revision does, read from its statements and its file: words, locks, and what is lost either way. Pure.

Nothing is guessed: a statement that is not understood is shown as it is.
"""

from gonogo.deeds import kinds, locks, losses, words
from gonogo.lint import Subject
from gonogo.model import Deeds

__all__ = ["of"]


def of(subject: Subject) -> Deeds:
    """Return what a revision does."""
    return Deeds(
        words=words.told(subject),
        unread=words.unread(subject),
        locks=locks.expected(subject),
        takes=losses.taken(subject),
        gives_back=losses.given_back(subject),
        unread_back=losses.unread_back(subject),
        lasting=losses.lasting(subject),
        made=losses.made(subject),
        downgrade=subject.source.downgrade if not subject.source.unread else "",
        reversible=subject.source.reversible,
        looks=kinds.looks(subject),
        tightens=kinds.tightened(subject),
    )
