"""Columns: gone, new and wanted, of another type, stricter, without their default."""

from collections.abc import Iterator

from gonogo.compat.types import is_wider
from gonogo.compat.usage import Usage
from gonogo.model.schemas import Breach, Catalog, Column, Relation


def breaches(before: Catalog, after: Catalog, usage: Usage) -> Iterator[Breach]:
    """Yield what became of the columns of relations that are still there."""
    for name, was in before.relations.items():
        now = after.relations.get(name)
        if now is None or not usage.uses(name):
            continue
        yield from _gone(was, now, usage)
        yield from _new(was, now, usage)
        for column in was.columns:
            if column in now.columns:
                yield from _changed(name, was.columns[column], now.columns[column], usage)


def _gone(was: Relation, now: Relation, usage: Usage) -> Iterator[Breach]:
    for column in was.columns:
        if column not in now.columns and usage.knows(was.name, column):
            subject = f"{was.name}.{column}"
            yield Breach(subject=subject, message=f"{subject} is gone or renamed; the earlier release still uses it")


def _new(was: Relation, now: Relation, usage: Usage) -> Iterator[Breach]:
    for column in now.columns.values():
        if column.name not in was.columns and not column.fills_itself and usage.writes(was.name):
            subject = f"{was.name}.{column.name}"
            message = f"{subject} is new, NOT NULL and without a default: rows of the earlier release are refused"
            yield Breach(subject=subject, message=message)


def _changed(name: str, was: Column, now: Column, usage: Usage) -> Iterator[Breach]:
    yield from _retyped(name, was, now, usage)
    if now.not_null and not was.not_null:
        yield from _stricter(name, now, usage)
    if was.fills_itself and (was.default or was.identity) and not (now.default or now.generated or now.identity):
        yield from _without_default(name, was, now, usage)
    yield from _computed(name, was, now, usage)


def _retyped(name: str, was: Column, now: Column, usage: Usage) -> Iterator[Breach]:
    if was.type == now.type or not usage.knows(name, was.name):
        return
    subject = f"{name}.{was.name}"
    change = f"{subject} was {was.type} and is {now.type}"
    if not is_wider(was.type, now.type):
        yield Breach(
            subject=subject, message=f"{change}: values of the earlier release no longer fit, or read otherwise"
        )
        return
    yield Breach(
        subject=subject,
        message=f"{change}: a connection that was open before may fail once (cached plan) and then knows better",
        is_certain=False,
    )


def _stricter(name: str, now: Column, usage: Usage) -> Iterator[Breach]:
    """Yield for a column that may no longer be NULL."""
    model = usage.column(name, now.name)
    if (model is not None and not model.nullable) or not usage.writes(name):
        return
    subject = f"{name}.{now.name}"
    is_filled = bool(now.default) and usage.never_gives(name, now.name)
    message = f"{subject} became NOT NULL; the earlier release may leave it out or write NULL"
    yield Breach(subject=subject, message=message, is_certain=not is_filled)


def _without_default(name: str, was: Column, now: Column, usage: Usage) -> Iterator[Breach]:
    """Yield for a column that no longer fills itself."""
    model = usage.column(name, was.name)
    if (model is not None and model.fills_itself) or not usage.writes(name):
        return
    if usage.always_gives(name, was.name):
        return
    subject = f"{name}.{was.name}"
    came = was.default or "its next number"
    becomes = "are refused" if now.not_null else "get NULL there"
    message = f"{subject} lost its default ({came}): rows of the earlier release that leave it out {becomes}"
    yield Breach(subject=subject, message=message, is_certain=now.not_null)


def _computed(name: str, was: Column, now: Column, usage: Usage) -> Iterator[Breach]:
    """Yield for a column that nobody may write any more."""
    is_closed = (now.generated and not was.generated) or (now.identity == "a" and was.identity != "a")
    if is_closed and usage.writes(name) and not usage.never_gives(name, was.name):
        subject = f"{name}.{was.name}"
        yield Breach(
            subject=subject, message=f"{subject} can no longer be written; the earlier release may give it a value"
        )
