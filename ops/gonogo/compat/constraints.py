"""Rules about rows that are new or stricter."""

import re
from collections.abc import Iterator

from gonogo.compat.usage import Usage
from gonogo.model.schemas import Breach, Catalog, Constraint, Relation, UniqueIndex

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_LIST = re.compile(r"= ANY \(.*ARRAY\[|\bIN \(", re.DOTALL)
_NOT_NULL = re.compile(r"^CHECK \(\(*\"?(\w+)\"? IS NOT NULL\)*(?: NO INHERIT)?(?: NOT VALID)?$")
# Defaults that no two rows share.
_OWN = re.compile(r"gen_random_uuid|uuid_generate|uuidv[47]|nextval", re.IGNORECASE)
_LOOSE, _FIRM = {"c", "n", "d"}, {"a", "r"}


def breaches(before: Catalog, after: Catalog, usage: Usage) -> Iterator[Breach]:
    """Yield the rules that the earlier release does not know."""
    for name, was in before.relations.items():
        now = after.relations.get(name)
        if now is None or not usage.uses(name):
            continue
        if usage.writes(name):
            yield from _uniques(was, now)
            yield from _checks(was, now, usage)
            yield from _triggers(was, now)
        yield from _references(was, now, usage)


def _uniques(was: Relation, now: Relation) -> Iterator[Breach]:
    known = {(each.columns, each.predicate, each.nulls_equal) for each in was.uniques}
    for index in now.uniques:
        if (index.columns, index.predicate, index.nulls_equal) in known or _is_kept(index, was, now):
            continue
        columns = ", ".join(column or "an expression" for column in index.columns)
        is_partial = any(re.search(rf"\b{column}\b", index.predicate) for column in {*now.columns} - {*was.columns})
        message = (
            f"{index.name} lets no two rows of {was.name} have the same {columns}; the earlier release may write such"
        )
        yield Breach(subject=f"{was.name}.{index.name}", message=message, is_certain=not is_partial)


def _is_kept(index: UniqueIndex, was: Relation, now: Relation) -> bool:
    """Return whether rows of the earlier release can never be alike in a unique index."""
    columns = set(index.columns)
    if any(None not in each.columns and not each.predicate and {*each.columns} <= columns for each in was.uniques):
        return True
    found = [now.columns[column] for column in index.columns if column and column in now.columns]
    empty = [each for each in found if each.name not in was.columns and not each.default and not each.generated]
    own = [each for each in found if each.identity or _OWN.search(each.default)]
    return bool(own) or bool(empty and not index.nulls_equal)


def _checks(was: Relation, now: Relation, usage: Usage) -> Iterator[Breach]:
    known = {_plain(each.definition) for each in was.constraints.values() if each.kind == "c"}
    for check in now.constraints.values():
        if check.kind == "x" and check.name not in was.constraints:
            yield _unknown(was, check, is_certain=True)
        elif check.kind == "c" and _plain(check.definition) not in known:
            yield from _check(was, now, check, usage)


def _check(was: Relation, now: Relation, check: Constraint, usage: Usage) -> Iterator[Breach]:
    if found := _NOT_NULL.match(check.definition):
        yield from _not_null(was, now, found[1], usage)
        return
    if not {*check.columns} & {*was.columns}:
        return
    former = [_values(each) for each in was.constraints.values() if each.kind == "c" and each.columns == check.columns]
    allowed = _values(check)
    if allowed and any(former):
        lost = sorted({value for values in former for value in values} - allowed)
        if lost:
            message = f"{was.name}.{check.name} no longer lets in {', '.join(map(repr, lost))}"
            yield Breach(subject=f"{was.name}.{check.name}", message=f"{message}, which the earlier release may write")
        return
    yield _unknown(was, check, is_certain=False)


def _not_null(was: Relation, now: Relation, column: str, usage: Usage) -> Iterator[Breach]:
    """Yield for a check that says NOT NULL in other words."""
    model, made = usage.column(was.name, column), now.columns.get(column)
    is_new = column not in was.columns
    is_filled = made is not None and bool(made.default or made.identity or made.generated)
    is_safe = (is_new and is_filled) or (
        not is_new and (was.columns[column].not_null or (model and not model.nullable))
    )
    if not is_safe:
        subject = f"{was.name}.{column}"
        yield Breach(
            subject=subject,
            message=f"{subject} must not be NULL any more (by a check); the earlier release may write it",
        )


def _unknown(was: Relation, rule: Constraint, *, is_certain: bool) -> Breach:
    message = f"{was.name} has a new rule, {rule.definition}, which rows of the earlier release may not meet"
    return Breach(subject=f"{was.name}.{rule.name}", message=message, is_certain=is_certain)


def _values(check: Constraint) -> frozenset[str]:
    """Return the texts that a check lists as allowed; none where it is no list."""
    return frozenset(_LITERAL.findall(check.definition)) if _LIST.search(check.definition) else frozenset()


def _plain(definition: str) -> str:
    return definition.removesuffix(" NOT VALID")


def _triggers(was: Relation, now: Relation) -> Iterator[Breach]:
    for name, definition in now.triggers.items():
        if was.triggers.get(name) != definition:
            message = f"the trigger {name} on {was.name} is new: it may change or refuse rows of the earlier release"
            yield Breach(subject=f"{was.name}.{name}", message=message, is_certain=False)


def _references(was: Relation, now: Relation, usage: Usage) -> Iterator[Breach]:
    """Yield for foreign keys that are new on old columns, or hold rows that were deleted along before."""
    former = {(each.columns, each.refers): each for each in was.constraints.values() if each.kind == "f"}
    for key in now.constraints.values():
        if key.kind != "f":
            continue
        earlier = former.get((key.columns, key.refers))
        if earlier is None and {*key.columns} & {*was.columns} and usage.writes(was.name):
            yield _unknown(was, key, is_certain=False)
        elif earlier and earlier.on_delete in _LOOSE and key.on_delete in _FIRM:
            message = (
                f"{was.name}.{key.name} now stops rows of {key.refers} from being deleted while {was.name} has some"
            )
            is_certain = key.refers in usage.deletes
            yield Breach(subject=f"{was.name}.{key.name}", message=message, is_certain=is_certain)
