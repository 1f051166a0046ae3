"""Exceptions: what may break, by whose word, until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from gonogo.model.schemas import Breach, Excuse


@dataclass(frozen=True, kw_only=True, slots=True)
class Pardon:
    """Breaches, with the exceptions counted in.

    Attributes:
        held: those that count.
        excused: the reasons why others do not, a sentence each.
        expired: exceptions that would have counted if they had not run out.
        unused: exceptions that nothing needs.
    """

    held: tuple[Breach, ...]
    excused: tuple[str, ...]
    expired: tuple[str, ...]
    unused: tuple[str, ...]


def pardon(breaches: Sequence[Breach], excuses: Iterable[Excuse], *, revisions: Sequence[str], today: date) -> Pardon:
    """Return what still counts.

    Args:
        breaches: those that are certain.
        excuses: the exceptions.
        revisions: those that are being applied; an exception for another one says nothing here.
        today: the day.
    """
    held, excused, expired, unused = list(breaches), [], [], []
    for each in excuses:
        if each.revision not in revisions:
            unused.append(f"{each.what}: revision {each.revision} is not pending; take the exception out")
            continue
        found = [breach for breach in held if _is_about(each, breach)]
        if not found:
            unused.append(f"{each.what}: nothing of revision {each.revision} needs this exception")
        elif date.fromisoformat(each.expires) < today:
            expired.append(f"{each.what}: the exception ended on {each.expires} ({each.reason}; {each.who})")
        else:
            held = [breach for breach in held if breach not in found]
            excused.append(f"{each.what}: {each.reason} ({each.who}, until {each.expires})")
    return Pardon(held=tuple(held), excused=tuple(excused), expired=tuple(expired), unused=tuple(unused))


def _is_about(excuse: Excuse, breach: Breach) -> bool:
    return fnmatchcase(breach.subject, excuse.what) or breach.subject.startswith(f"{excuse.what}.")
