"""Whether an earlier release runs on a newer schema, told from what it expects and from what it sends (N-1).

Pure: catalogs, models and a database's answers to statements come in, breaches go out. May not look outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gonogo.compat import columns, constraints, relations, statements
from gonogo.compat.excuses import Pardon, pardon
from gonogo.compat.statements import shown
from gonogo.compat.usage import Usage
from gonogo.model.schemas import Answer, Breach, Catalog, Models, Sent

__all__ = ["Baseline", "Pardon", "Usage", "baseline", "judge", "pardon", "shown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """An earlier release on its own schema.

    Attributes:
        sent: the statements that it sends.
        answers: how its own schema takes each.
    """

    catalog: Catalog
    usage: Usage
    sent: tuple[Sent, ...]
    answers: tuple[Answer | None, ...]


def baseline(catalog: Catalog, models: Models, sent: Sequence[Sent], answers: Sequence[Answer | None]) -> Baseline:
    """Return an earlier release on its own schema; what that does not plan is none of its statements.

    Values that its own schema refuses (a row is there already) say nothing of a newer one: such a statement is planned
    only.
    """
    kept = []
    for each, answer in zip(sent, answers, strict=True):
        if answer and answer.code and answer.ran:
            kept.append((replace(each, values=None), replace(answer, code="", message="", rule="", ran=False)))
        elif answer and not answer.code:
            kept.append((each, answer))
    return Baseline(
        catalog=catalog,
        usage=Usage.of(models, [each for each, _ in kept], catalog),
        sent=tuple(each for each, _ in kept),
        answers=tuple(answer for _, answer in kept),
    )


def judge(before: Baseline, after: Catalog, answers: Sequence[Answer | None]) -> tuple[Breach, ...]:
    """Return what the newer schema does not keep, certain ones first.

    Args:
        before: the earlier release on its own schema.
        after: the newer schema.
        answers: how it takes the statements of `before`.
    """
    found = [
        *relations.breaches(before.catalog, after, before.usage),
        *columns.breaches(before.catalog, after, before.usage),
        *constraints.breaches(before.catalog, after, before.usage),
        *statements.breaches(before.sent, before.answers, _caused(before.catalog, after, answers), before.usage),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda breach: not breach.is_certain))


def _caused(before: Catalog, after: Catalog, answers: Sequence[Answer | None]) -> list[Answer | None]:
    """Return the answers that the schema is the cause of: a rule that was there before meets other rows by now."""
    kept = _rules(before) & _rules(after)
    names = {name for name, _ in kept}
    return [None if each and each.rule in names and each.code.startswith("23") else each for each in answers]


def _rules(catalog: Catalog) -> set[tuple[str, str]]:
    """Return constraints and unique indexes, each with what it says."""
    relations = catalog.relations.values()
    constraints = {(each.name, each.definition) for found in relations for each in found.constraints.values()}
    indexes = {(each.name, repr(each)) for found in relations for each in found.uniques}
    return constraints | indexes
