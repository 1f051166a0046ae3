"""What is taken from squawk: its own file for each revision, and what its rules mean for a running service."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from gonogo.lint.records import Act, Subject
from gonogo.lint.rules import COVERED
from gonogo.model import LintFinding, Said, Severity

PREFIX = "squawk-"
# A rule that is not named here is advice.
BLOCKING = {
    "adding-field-with-default", "adding-foreign-key-constraint", "adding-not-nullable-field",
    "adding-required-field", "adding-serial-primary-key-field", "ban-alter-domain-with-add-constraint",
    "ban-concurrent-index-creation-in-transaction", "ban-drop-column", "ban-drop-database", "ban-drop-domain",
    "ban-drop-function", "ban-drop-schema", "ban-drop-sequence", "ban-drop-table", "ban-drop-type", "ban-drop-view",
    "ban-set-schema", "ban-truncate-cascade", "ban-uncommitted-transaction", "changing-column-type",
    "constraint-missing-not-valid", "disallowed-unique-constraint", "renaming-column", "renaming-table",
    "require-concurrent-index-creation", "require-concurrent-index-deletion", "require-concurrent-partition-detach",
    "require-concurrent-reindex", "transaction-nesting",
}  # fmt: skip
# Style, what is asked of the whole of a revision, and what the runner sets for every migration.
OFF = (
    "ban-char-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-robust-stmts",
    "prefer-text-field", "prefer-timestamp-tz", "require-enum-value-ordering", "require-lock-timeout",
    "require-statement-timeout", "require-timeout-settings",
)  # fmt: skip


def script(subject: Subject) -> tuple[str, dict[int, Act]]:
    """Return a revision's SQL as squawk reads it, and what each line of it does: a line for a statement."""
    lines, acts = list[str](), dict[int, Act]()
    for transaction, group in groupby(_statements(subject.acts), key=lambda act: act.transaction):
        if transaction is not None:
            lines.append("BEGIN;")
        for act in group:
            lines.append(f"{_line(act.sql)};")
            acts[len(lines)] = act
        if transaction is not None:
            lines.append("COMMIT;")
    return "\n".join(lines) + "\n", acts


def _statements(acts: Sequence[Act]) -> Iterator[Act]:
    """Yield one act for each statement that changes the schema; rows are ours to judge, and parameters are no SQL."""
    for (_, _, sql), group in groupby(acts, key=lambda act: (act.line, act.transaction, act.sql)):
        first = next(group)
        if (
            first.action.kind not in {"quiet", "insert", "update", "delete", "commit", "rollback", "begin", "do"}
            and "%(" not in sql
        ):
            yield first


def _line(sql: str) -> str:
    """Return a statement on one line, its comments left out: they do not matter to squawk."""
    kept = [line.partition("--")[0] if "'" not in line else line for line in sql.splitlines()]
    return " ".join(" ".join(kept).split())


def findings(subject: Subject, said: Sequence[Said], acts: dict[int, Act]) -> Iterator[LintFinding]:
    """Yield what squawk says beside our own rules; a statement that ours understand is judged by ours."""
    for each in said:
        act = acts.get(each.line)
        if each.rule in OFF or each.rule == "syntax-error" or (act and act.is_new):
            continue
        if each.rule in COVERED and (act is None or act.action.kind not in {"other", "alter_other"}):
            continue
        yield LintFinding(
            reference=f"{PREFIX}{each.rule}",
            severity=Severity.BLOCK if each.rule in BLOCKING else Severity.ADVISE,
            revision=subject.migration.id,
            path=subject.migration.path,
            line=act.line if act else 0,
            message=each.message,
            consequence=each.help or each.message,
            fix=each.help,
            statement=" ".join(act.sql.split()) if act else "",
        )
