"""A SECURITY DEFINER function that a caller can send to his own objects."""

from collections.abc import Iterator

from gonogo.lint import functions
from gonogo.lint.records import Advice, Rule, Subject, said

WHY = (
    "whoever may call it makes a table, function or type of the same name where it is looked for first (pg_temp "
    "is searched "
    "even when the path is empty), and it runs with the rights of its owner"
)


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each such function that a revision leaves."""
    for act, definition in functions.left_by(subject.acts):
        for message, fix in judge(definition):
            yield said(act, message, why=WHY, fix=fix)


def judge(definition: functions.Definition) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a function's `search_path`, and what is right; also for one read from a catalog."""
    name, path = definition.signature, definition.search_path
    if not definition.is_definer or path == functions.CATALOG_PATH:
        return
    right = f"ALTER FUNCTION {name} SET search_path = pg_catalog, pg_temp;  -- and {{}}write every name with its schema"
    if path is None:
        yield f"{name} is SECURITY DEFINER without a search_path", right.format("")
    elif path:
        yield f"{name} is SECURITY DEFINER with the search_path {', '.join(path)}", right.format("")
    else:
        for loose in functions.unqualified(definition):
            yield (
                f"{name} is SECURITY DEFINER with an empty search_path, and {loose}",
                f"write it with its schema (public.…, pg_catalog.…); or: {right.format('')}",
            )


RULE = Rule(reference="definer-search-path", check=check)
