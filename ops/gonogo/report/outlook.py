"""What migrations will do, as labelled lines for a terminal or a log.

May not print.
"""

from collections.abc import Iterator

from gonogo import advice
from gonogo.model import (
    Advice,
    Census,
    ExpectedLock,
    Filled,
    Finding,
    Foreseen,
    Letter,
    Manner,
    Place,
    Severity,
)
from gonogo.outlook import Outlook
from gonogo.report import words
from gonogo.report.lines import Line, Tone, finding

_LETTERS = {
    Letter.IMAGE_ONLY: Tone.GOOD,
    Letter.SCHEMA_TOO: Tone.WARN,
    Letter.FORWARD_ONLY: Tone.BAD,
    Letter.RESTORE_POINT: Tone.BAD,
}
_BACK = {True: "reversible", False: "not reversible", None: "does not say whether it is reversible"}
_NO_WAY = {
    "missing": "there is no downgrade",
    "empty": "the downgrade does nothing",
    "raises": "the downgrade refuses to run",
}
_SHOWN_LINES, _SHOWN_WIDTH = 6, 100
_MEGABYTE = 1e6


def of_outlook(found: Outlook, *, with_sql: bool = False) -> tuple[Line, ...]:
    """Return what migrations will do, one after the other.

    Args:
        found: what is to be expected of them.
        with_sql: whether all of the SQL is shown; else its first lines.
    """
    pairs = zip(found.foreseen, found.advices, strict=True)
    told = (line for each, class_ in pairs for line in _migration(each, class_, found, with_sql=with_sql))
    return (*_head(found), *told, *_foot(found))


def _head(found: Outlook) -> Iterator[Line]:
    """Yield where the target stands, and what was left out."""
    if found.has_target:
        yield Line(text=f"The schema is at {', '.join(found.versions) or 'nothing'}.", tone=Tone.TITLE)
    for note in found.notes:
        yield Line("note", note, Tone.WARN)
    if found.hidden:
        yield Line("note", f"{words.counted(found.hidden, 'older revision')} left out; --all shows them", Tone.WARN)
    if found.has_target and any(size.rows is None for size in found.census.sizes.values()):
        yield Line("note", "a table was never analyzed, so nobody knows how many rows it has", Tone.WARN)


def _foot(found: Outlook) -> Iterator[Line]:
    """Yield the whole in one line, and what to do next."""
    count = words.counted(len(found.foreseen), "migration")
    blocking = sum(each.severity is Severity.BLOCK for one in found.foreseen for each in one.findings)
    text = f"{count}{' pending' if found.has_target and not found.hidden else ''}, {blocking} blocking"
    if not found.foreseen:
        yield Line(text=text, tone=Tone.GOOD)
        return
    tried = f"tried on a copy, {words.moment(found.tried_at)}" if found.tried_at else "not tried yet"
    yield Line(text=f"{text}; together {found.letter.value}, {advice.WORDS[found.letter]}; {tried}", tone=Tone.TITLE)


def _migration(each: Foreseen, class_: Advice, found: Outlook, *, with_sql: bool) -> Iterator[Line]:
    """Yield everything about one migration."""
    back = _BACK[each.deeds.reversible]
    kind = each.revision.kind if each.revision.kind != "unknown" else f"no kind declared{_by_deeds(each)}"
    yield Line(text=f"{each.revision.id}  {each.revision.title}", tone=Tone.TITLE)
    yield Line("kind", f"{kind}, {back}")
    yield Line("file", each.revision.path, Tone.COMMAND)
    yield Line("does", "\n".join(each.deeds.words) or "nothing that changes the schema")
    if each.deeds.unread:
        yield Line("not read", "\n".join(each.deeds.unread), Tone.WARN)
    yield from _locks(each, found)
    yield from _losses(each, found)
    yield from (finding(one) for one in each.findings if not _is_said(one))
    yield Line("advice", _advised(class_), _LETTERS[class_.letter])
    rows = _sql(each, with_sql=with_sql)
    yield from (Line("sql" if number == 0 else " ", row, Tone.COMMAND) for number, row in enumerate(rows))
    yield Line()


def _by_deeds(each: Foreseen) -> str:
    """Return the kind by what a revision does."""
    return f" (by what it does: {each.deeds.looks})" if each.deeds.looks else ""


def _is_said(one: Finding) -> bool:
    """Return whether a finding says no more than that all is well."""
    return one.severity is Severity.INFO and "waived" not in one.message


def _locks(each: Foreseen, found: Outlook) -> Iterator[Line]:
    """Yield what is locked, how, and how big it is."""
    told = "\n".join(_lock(lock, found) for lock in each.deeds.locks)
    yield Line("locks", told or "nothing that was there before")


def _lock(lock: ExpectedLock, found: Outlook) -> str:
    """Return one lock in words."""
    name = lock.relation.removeprefix("public.")
    who = "nobody reads or writes" if lock.mode.blocks_reads else "nobody writes" if lock.mode.blocks_writes else ""
    meanwhile = f", {who}{' while its rows are gone through' if lock.is_long else ', briefly'}" if who else ""
    return f"{name}  {lock.mode.value} for {lock.operation}{meanwhile}{_size(found.census, lock.relation, found)}"


def _size(census: Census, relation: str, found: Outlook) -> str:
    """Return how big a relation is; nothing where nobody looked."""
    size = census.sizes.get(relation)
    if size is None:
        return "; not there yet" if found.has_target else ""
    rows = "rows unknown" if size.rows is None else words.counted(size.rows, "row")
    return f"; {rows}, {_megabytes(size.bytes)}"


def _megabytes(count: int) -> str:
    """Return bytes for people."""
    return f"{count / _MEGABYTE:,.1f} MB" if count >= _MEGABYTE / 10 else f"{count / 1000:,.0f} kB"


def _losses(each: Foreseen, found: Outlook) -> Iterator[Line]:
    """Yield what either direction takes away."""
    up = [_held(place, found) for place in each.deeds.takes]
    if up:
        yield Line("loses", "\n".join(up), Tone.BAD)
    down = [_held(place, found) for place in each.deeds.gives_back]
    if each.deeds.downgrade == "written":
        yield Line("way down", f"loses {', '.join(down)}" if down else "loses nothing that holds values")
    else:
        yield Line("way down", f"none: {_NO_WAY.get(each.deeds.downgrade, 'the downgrade cannot be read')}", Tone.WARN)


def _held(place: Place, found: Outlook) -> str:
    """Return how much is at a place now."""
    filled = next((one for one in found.census.filled if one.place == place), None)
    if filled is not None:
        return filled.said
    told = Filled(place=place, values=None).place.name
    return f"{told} (not there yet)" if found.has_target else told


def _advised(class_: Advice) -> str:
    """Return a class with its reasons."""
    head = f"{class_.letter.value}  {advice.WORDS[class_.letter]}"
    return "\n".join((head, *(f"- {reason}" for reason in class_.reasons)))


def _sql(each: Foreseen, *, with_sql: bool) -> list[str]:
    """Return the lines of the SQL as it is sent, or the first of them."""
    rows = each.sql.strip().splitlines()
    if with_sql or not rows:
        return rows or ["none"]
    shown = [row if len(row) <= _SHOWN_WIDTH else f"{row[: _SHOWN_WIDTH - 1]}…" for row in rows[:_SHOWN_LINES]]
    more = len(rows) - len(shown)
    head = [] if each.manner is Manner.CAPTURED else ["(rendered: it was not run on a scratch database)"]
    return [*head, *shown, *([f"… {words.counted(more, 'more line')}: --sql"] if more > 0 else [])]
