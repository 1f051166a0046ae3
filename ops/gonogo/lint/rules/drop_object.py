"""A view, type, function, sequence, schema or extension is dropped that was there before."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_HARMLESS = {"extension", "aggregate", "access", "collation", "conversion", "foreign", "language", "server", "text"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each object that is dropped and not made again."""
    for act in subject.old("drop_object"):
        sort, name = act.action.type, act.action.name
        if act.was == "replaced" or sort in _HARMLESS or _is_put_aside(subject, name):
            continue
        yield said(
            act,
            f"drops the {sort} {name}",
            why=f"code that still runs fails on {name}; a schema takes everything in it along",
            fix=f"release N stops using {name}; release N+1, in a contract of its own:\nDROP {sort.upper()} {name};",
            severity=subject.taking,
        )


def _is_put_aside(subject: Subject, name: str) -> bool:
    """Return whether a type is the one that this revision has just renamed to replace it."""
    return any(act.action.target == name for act in subject.every("rename_type"))


RULE = Rule(
    reference="drop-object",
    check=check,
    covers=frozenset(
        {
            "ban-drop-domain",
            "ban-drop-extension",
            "ban-drop-function",
            "ban-drop-schema",
            "ban-drop-sequence",
            "ban-drop-type",
            "ban-drop-view",
        }
    ),
)
