"""IF NOT EXISTS takes the rest of a failed build for the index."""

import re
from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each concurrent build that may pass over an INVALID index."""
    dropped = {act.action.name for act in subject.every("drop_index")}
    for act in subject.old("create_index"):
        name, flags = act.action.name, act.action.flags
        if {"concurrently", "if_not_exists"} <= flags and name not in dropped:
            plain = re.sub(r"(?i)\s+if\s+not\s+exists", "", " ".join(act.sql.split()))
            yield said(
                act,
                f"builds {name} IF NOT EXISTS",
                why=f"a build that was broken off leaves an INVALID {name}; the next run accepts it: no query "
                "uses it, and a "
                "unique one does not hold",
                fix=alone(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", plain),
            )


RULE = Rule(reference="index-if-not-exists", check=check)
