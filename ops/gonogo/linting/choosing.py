"""Which revisions of a history are meant, and what was found in them. Pure."""

from collections.abc import Iterable, Mapping

from gonogo.errors import NoGoError, UsageError
from gonogo.model import Judgement, Linted, Manner

# What each revision stands on, oldest first.
Parents = Mapping[str, tuple[str, ...]]


def linted(judgement: Judgement, *, done: frozenset[str] = frozenset(), only: str = "") -> Linted:
    """Return what was found in the revisions of a history that are looked at.

    Args:
        judgement: the history.
        done: revisions that were applied somewhere, which are not looked at again, nor those before them.
        only: the one revision to look at; empty for all that are not done.

    Raises:
        UsageError: there is no such revision.
        NoGoError: a revision that was applied is not in the history.
    """
    ids = wanted_of(judgement.parents, done, only)
    wanted = {*ids}
    chosen = [each for each in judgement.revisions if each.revision.id in wanted]
    return Linted(
        revisions=tuple(ids),
        rendered=tuple(each.revision.id for each in chosen if each.manner is not Manner.CAPTURED),
        findings=(*judgement.findings, *(found for each in chosen for found in each.findings)),
        notes=judgement.notes,
    )


def wanted_of(parents: Parents, done: frozenset[str], only: str) -> list[str]:
    """Return the revisions to look at, oldest first.

    Args:
        parents: the history.
        done: as for `linted`.
        only: as there.

    Raises:
        UsageError: there is no such revision.
        NoGoError: a revision that was applied is not in the history.
    """
    if only:
        matches = [only] if only in parents else [each for each in parents if each.startswith(only)]
        if len(matches) != 1:
            message = f"there is no revision {only!r}" if not matches else f"{only!r} is short for {', '.join(matches)}"
            raise UsageError("unknown-revision", message, hint="invoke migrate.lint --all")
        return matches
    if unknown := sorted(done - parents.keys()):
        message = f"the database is at {', '.join(unknown)}, which this tree does not have"
        raise NoGoError("schema-ahead", message, hint="check a newer commit out")
    there = below(parents, done)
    return [each for each in parents if each not in there]


def below(parents: Parents, revisions: Iterable[str]) -> set[str]:
    """Return some revisions and all that they stand on."""
    found, waiting = set[str](), [*revisions]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += parents.get(each, ())
    return found
