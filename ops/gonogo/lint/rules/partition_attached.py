"""A partition is attached without a proof, or detached under a lock."""

from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject, alone, said
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield what scans or locks a partitioned table."""
    for act in subject.old("attach_partition"):
        if act.proof:
            continue
        parent, part = act.action.table, act.action.target
        yield said(
            act,
            f"attaches {part} to {parent} without a check that proves its bounds",
            why=f"{part} is scanned while nobody can read it, and a default partition of {parent} as well",
            fix=(
                f"ALTER TABLE {part} ADD CONSTRAINT {part}_bounds CHECK (<key> IS NOT NULL AND <key> >= <from> "
                "AND <key> < <to>)"
                f" NOT VALID;  -- {act.action.text}\n"
                f"{alone(f'ALTER TABLE {part} VALIDATE CONSTRAINT {part}_bounds')}\n"
                f"{' '.join(act.sql.split())};  -- no scan\nALTER TABLE {part} DROP CONSTRAINT {part}_bounds;"
            ),
        )
    for act in subject.old("detach_partition"):
        if act.action.flags & {"concurrently", "finalize"}:
            continue
        yield said(
            act,
            f"detaches {act.action.target} from {act.action.table} under a lock",
            why=f"nobody can read {act.action.table} until every query on any of its partitions is over",
            fix=alone(f"ALTER TABLE {act.action.table} DETACH PARTITION {act.action.target} CONCURRENTLY"),
        )
    for act in subject.every("create_partition"):
        if not any(act.action.target == each.action.table for each in subject.every("create_table")):
            yield _created(act)


def _created(act: Act) -> Advice:
    """Return the advice for a partition that is made in place."""
    return said(
        act,
        f"makes {act.action.table} as a partition of {act.action.target}",
        why=f"brief, but nobody can read {act.action.target} meanwhile, and a default partition of it is scanned",
        fix=f"CREATE TABLE {act.action.table} (LIKE {act.action.target} INCLUDING ALL);\n"
        f"ALTER TABLE {act.action.target} ATTACH PARTITION {act.action.table} FOR VALUES …;",
        severity=Severity.ADVISE,
    )


RULE = Rule(reference="partition-attached", check=check, covers=frozenset({"require-concurrent-partition-detach"}))
