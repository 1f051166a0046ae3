"""Row level security is switched on without a policy."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each table that is closed to all but its owner."""
    policies = {act.action.table for act in subject.every("create_policy")}
    for act in subject.every("enable_rls"):
        table = act.action.table
        if table not in policies:
            yield said(
                act,
                f"switches row level security of {table} on without a policy",
                why=f"every role but the owner of {table} sees no row and can write none, at once",
                fix=f"first, in the same transaction: CREATE POLICY <name> ON {table} USING (<condition>) WITH "
                "CHECK (<condition>);",
            )


RULE = Rule(reference="row-security-without-policy", check=check)
