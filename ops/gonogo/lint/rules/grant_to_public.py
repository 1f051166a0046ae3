"""PUBLIC is granted something: every role there is, and every one to come."""

import re
from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each grant to PUBLIC."""
    for act in subject.every("grant", "default_grant"):
        if "public" not in act.action.flags:
            continue
        what = act.action.text
        better = re.sub(r"(?i)\bpublic\s*$", "<role>", " ".join(act.sql.split()))
        yield said(
            act,
            f"grants {what} to PUBLIC",
            why="every role of the server has it, those that are made later too: a reporting login, a compromised one",
            fix=f"CREATE ROLE <role> NOLOGIN;  -- once\n{better};",
        )


RULE = Rule(reference="grant-to-public", check=check, covers=frozenset({"ban-grant-public"}))
