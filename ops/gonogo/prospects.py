"""What was judged in a migration, as a release reads it: by the kind that it declares, beside what rules say. Pure.

Importing it brings no rule: what was judged earlier is told at once.
"""

from collections.abc import Sequence

from gonogo.model import Deeds, Finding, Foreseen, Judged, Judgement, LintFinding, Revision, Severity

_KINDS = {"expand", "contract", "data"}


def foreseen(judgement: Judgement, ids: Sequence[str], *, must_declare: bool) -> tuple[Foreseen, ...]:
    """Return what some revisions of a judged history will do, oldest first.

    Args:
        judgement: the history.
        ids: which of them.
        must_declare: whether one that does not say its kind is a finding.
    """
    wanted = {*ids}
    chosen = [each for each in judgement.revisions if each.revision.id in wanted]
    return of(chosen, judgement.findings, must_declare=must_declare)


def of(chosen: Sequence[Judged], whole: Sequence[LintFinding], *, must_declare: bool) -> tuple[Foreseen, ...]:
    """Return what each of some judged revisions will do; what is said of the history as a whole stands by the first."""
    return tuple(
        Foreseen(
            revision=each.revision,
            sql=each.sql,
            findings=(
                *(finding(found) for found in (whole if number == 0 else ())),
                *(_undeclared(each.revision) if must_declare else ()),
                *(finding(found) for found in each.findings),
                *_tighter(each.revision, each.deeds),
            ),
            deeds=each.deeds,
            manner=each.manner,
        )
        for number, each in enumerate(chosen)
    )


def finding(found: LintFinding) -> Finding:
    """Return a rule's finding as a step's; waived or cleared, it says by which reason."""
    where = f"{found.revision} ({found.where})" if found.revision else found.where
    waived = f" (waived: {found.waived})" if found.waived else ""
    cleared = f" (cleared by the trial: {found.cleared})" if found.cleared else ""
    message = f"{f'{where}, ' if where else ''}{found.message}: {found.consequence}{waived}{cleared}"
    return Finding(rule=found.reference, severity=found.severity, message=message, hint=found.fix)


def _undeclared(revision: Revision) -> tuple[Finding, ...]:
    """Return a finding for a revision that does not say what it is."""
    if revision.kind in _KINDS:
        return ()
    message = f"{revision.path} does not say whether old code survives it"
    hint = 'add kind = "expand" (or "contract", "data") and reversible = True (or False) to it'
    return (Finding(rule="migration-declares-kind", severity=Severity.BLOCK, message=message, hint=hint),)


def _tighter(revision: Revision, done: Deeds) -> tuple[Finding, ...]:
    """Return a finding for a revision that says that old code survives it, and takes less than before."""
    if revision.kind != "expand" or not done.tightens:
        return ()
    message = f"{revision.id} says that it is expand, and tightens: {'; '.join(done.tightens)}"
    hint = 'kind = "contract", one release after the last code that does this; or waived by what N-1 shows'
    return (Finding(rule="expand-tightens", severity=Severity.ADVISE, message=message, hint=hint),)
