"""A view is replaced, or a materialized view refreshed under a lock."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield views that somebody reads meanwhile."""
    for act in subject.old("refresh"):
        if "concurrently" in act.action.flags:
            continue
        name = act.action.name
        yield said(
            act,
            f"refreshes the materialized view {name} under a lock",
            why=f"nobody can read {name} until its whole query has run",
            fix=f"it needs a unique index; then: REFRESH MATERIALIZED VIEW CONCURRENTLY {name};",
        )
    replaced = {act.action.name for act in subject.every("drop_object") if act.was == "replaced"}
    for act in subject.every("create_view"):
        name = act.action.name
        if act.was == "there" or name in replaced:
            yield said(
                act,
                f"replaces the view {name}",
                why=f"brief, but readers of {name} wait; a column that is gone or has another type fails code "
                "that still runs",
                fix=f"only add columns, at the end; for any other change make a view beside it ({name}_v2), and "
                f"drop {name} one "
                "release later",
                severity=Severity.ADVISE,
            )


RULE = Rule(reference="view-changed", check=check, covers=frozenset({"ban-replace-view"}))
