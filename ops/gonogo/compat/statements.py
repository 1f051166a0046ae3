"""The statements of an earlier release, as the newer schema takes them."""

import re
from collections.abc import Iterator, Sequence

from gonogo.compat.types import is_wider
from gonogo.compat.usage import Usage
from gonogo.model.schemas import Answer, Breach, Sent

_SHOWN = 160
_COLUMN = re.compile(r'column "?(?:\w+\.)?(\w+)"?')
_RELATION = re.compile(r'(?:relation|table|view) "([\w.]+)"')


def breaches(
    sent: Sequence[Sent], before: Sequence[Answer | None], after: Sequence[Answer | None], usage: Usage
) -> Iterator[Breach]:
    """Yield what statements no longer do that they did before, once for each reason."""
    refused: dict[tuple[str, str], list[tuple[Sent, Answer]]] = {}
    for each, was, now in zip(sent, before, after, strict=True):
        if was is None or was.code or now is None:
            continue
        if now.code:
            refused.setdefault((now.code, now.message), []).append((each, now))
        else:
            yield from _changed(each, was, now, usage)
    for found in refused.values():
        yield _refusal(found, usage)


def _refusal(found: list[tuple[Sent, Answer]], usage: Usage) -> Breach:
    """Return one breach for all statements that are refused for the same reason."""
    (sent, answer), others = found[0], {each.sql for each, _ in found} - {found[0][0].sql}
    more = f" (and {len(others)} more statements)" if len(others) > 1 else " (and one more statement)" if others else ""
    manner = "is refused with the values that it was sent with" if answer.ran else "does not work any more"
    message = f"{shown(sent.sql)} {manner}: {answer.message} ({answer.code}){more}"
    return Breach(subject=_subject(sent, answer.message, usage), message=message)


def _changed(sent: Sent, was: Answer, now: Answer, usage: Usage) -> Iterator[Breach]:
    """Yield for a statement that takes or gives something else."""
    takes = [f"{old} for {new}" for old, new in zip(was.takes, now.takes, strict=False) if not is_wider(old, new)]
    given = dict(each.split(" ", 1) for each in now.gives)
    gives = [
        f"{name} as {given.get(name, 'nothing')} instead of {kind}"
        for name, kind in (each.split(" ", 1) for each in was.gives)
        if not is_wider(kind, given.get(name, ""))
    ]
    if takes or gives:
        what = f"wants another type than it is sent ({', '.join(takes)})" if takes else f"gives {', '.join(gives)}"
        yield Breach(subject=_subject(sent, "", usage), message=f"{shown(sent.sql)} {what}")


def _subject(sent: Sent, message: str, usage: Usage) -> str:
    """Return what a refusal is about: the column or relation that it names, else the first table of the statement."""
    tables = usage.tables.get(sent.sql, ())
    relation = _RELATION.search(message)
    column = _COLUMN.search(message)
    table = relation[1] if relation else tables[0] if tables else "sql"
    return f"{table}.{column[1]}" if column else table


def shown(sql: str) -> str:
    """Return a statement on one line, shortened."""
    line = " ".join(sql.split())
    return f"`{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}`"
