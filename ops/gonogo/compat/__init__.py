"""Whether an earlier release runs on a newer schema, told from what it expects and from what it sends (N-1).

Pure: catalogs, models and a database's answers to statements come in, breaches go out. May not look at anything outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """Return an earlier release on its own schema; what that does not take is none of its statements."""
    kept = [(each, answer) for each, answer in zip(sent, answers, strict=True) if answer and not answer.code]
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
        *statements.breaches(before.sent, before.answers, answers, before.usage),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda breach: not breach.is_certain))
