"""A column is added whose default has to be worked out for each row."""

import re
from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said

# Functions with one value for the whole statement, or that depend on their arguments alone.
_STEADY = {
    "now", "current_timestamp", "current_date", "current_time", "localtimestamp", "localtime",
    "transaction_timestamp", "statement_timestamp", "current_user", "session_user", "user", "current_role",
    "current_schema", "lower", "upper", "coalesce", "array", "row", "cast", "extract", "date_trunc", "timezone",
    "make_interval", "make_date", "to_timestamp", "to_jsonb", "to_json", "json_build_object", "jsonb_build_object",
    "json_build_array", "jsonb_build_array", "array_fill", "concat", "md5", "length", "nullif", "greatest", "least",
    "interval", "date", "timestamp", "timestamptz", "numeric", "decimal", "varchar", "char", "character", "varying",
    "bit", "time", "zone", "abs", "round", "floor", "ceil", "repeat", "replace", "left", "right", "int4range",
    "int8range", "tstzrange", "tsrange", "daterange", "numrange", "current_setting", "age", "format",
    "string_to_array", "decode", "encode", "sha256", "trim", "btrim", "point", "box", "in", "and", "or", "not", "any",
    "all",
}  # fmt: skip
_CALL = re.compile(r'([\w."]+) ?\(')


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each new column whose default is volatile."""
    for act in subject.old("add_column"):
        name = volatile(act.action.text)
        if not name:
            continue
        table, column = act.action.table, act.action.column
        yield said(
            act,
            f"adds {table}.{column} with the default {act.action.text}, which is worked out for each row",
            why=f"{table} and all its indexes are rewritten while nobody can read it ({name} is volatile, or not "
            "known not to be)",
            fix=(
                f"ALTER TABLE {table} ADD COLUMN {column} {act.action.type};\n"
                f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {act.action.text};\n"
                "then fill the old rows in batches, in a data revision:\n"
                f"UPDATE {table} SET {column} = {act.action.text}"
                f" WHERE id IN (SELECT id FROM {table} WHERE {column} IS NULL LIMIT 1000);"
            ),
        )


def volatile(default: str) -> str:
    """Return the function that makes a default volatile; empty when none does."""
    calls = (name.rpartition(".")[2].strip('"') for name in _CALL.findall(re.sub(r"'(?:[^']|'')*'", "''", default)))
    return next((name for name in calls if name not in _STEADY), "")


RULE = Rule(reference="volatile-default", check=check, covers=frozenset({"adding-field-with-default"}))
