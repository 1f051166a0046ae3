"""Tables and views, enumerated types, who may do what, as a whole."""

from collections.abc import Iterator

from gonogo.compat.usage import Usage
from gonogo.model.schemas import Breach, Catalog, Relation


def breaches(before: Catalog, after: Catalog, usage: Usage) -> Iterator[Breach]:
    """Yield what is gone, or may no longer be touched."""
    for name, was in before.relations.items():
        if name == "alembic_version" or not usage.uses(name):
            continue
        now = after.relations.get(name)
        if now is None:
            yield from _gone(name, usage)
        else:
            yield from _hidden(was, now)
    yield from _labels(before, after, usage)


def _gone(name: str, usage: Usage) -> Iterator[Breach]:
    # What only statements name, the database's answer to them tells.
    if usage.is_blind or name in usage.models.tables:
        yield Breach(subject=name, message=f"{name} is gone or renamed; the earlier release still uses it")


def _hidden(was: Relation, now: Relation) -> Iterator[Breach]:
    lost = sorted(was.granted - now.granted)
    if lost:
        yield Breach(subject=was.name, message=f"rights on {was.name} were taken away: {', '.join(lost)}")
    if now.hides_rows and now.hides_rows != was.hides_rows:
        whom = "everybody" if now.hides_rows == "forced" else "all but its owner"
        yield Breach(
            subject=was.name,
            message=f"{was.name} shows {whom} only the rows that a policy lets through",
            is_certain=now.hides_rows == "forced",
        )


def _labels(before: Catalog, after: Catalog, usage: Usage) -> Iterator[Breach]:
    """Yield values of enumerated types that are gone or renamed."""
    for name, labels in before.enums.items():
        lost = [label for label in labels if label not in after.enums.get(name, ())]
        users = [
            f"{relation.name}.{column.name}"
            for relation in before.relations.values()
            for column in relation.columns.values()
            if column.type.removesuffix("[]") == name and usage.uses(relation.name)
        ]
        if lost and users:
            said = ", ".join(map(repr, lost))
            what = (
                f"values of {name} are gone or renamed: {said}" if name in after.enums else f"the type {name} is gone"
            )
            yield Breach(subject=name, message=f"{what}; the earlier release may write and ask for them in {users[0]}")
