"""A revision does something else than its kind says."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

_TAKES = {"drop_column", "drop_table", "rename_column", "rename_table", "set_schema", "drop_object", "rename_value"}
_SCHEMA = {"add_column", "create_table", "drop_column", "drop_table", "alter_type", "set_not_null", "create_index"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield what the declared kind does not promise."""
    kind = subject.source.kind
    kinds = _TAKES if kind == "expand" else _TAKES | _SCHEMA if kind == "data" else set[str]()
    act = next((each for each in subject.old(*kinds) if each.was not in {"new", "replaced"}), None) if kinds else None
    if act:
        right = "contract" if act.action.kind in _TAKES else "expand"
        yield said(
            act,
            f"says that it is {kind}, and is {right} ({act.action.kind.replace('_', ' ')})",
            why="what a release does with a revision, and whether it can be rolled back, is decided by its kind",
            fix=f'kind = "{right}"  # and in the file\'s name; what is {kind} goes into a revision of its own',
        )


RULE = Rule(reference="wrong-kind", check=check)
