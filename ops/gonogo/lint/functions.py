"""Functions as they are defined, in SQL or in a catalog; and what their bodies name without a schema."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gonogo.lint.records import Act
from gonogo.lint.scanning import joined, key, literal, parts, split, tokens
from gonogo.lint.words import Words

CATALOG_PATH = ("pg_catalog", "pg_temp")
# Types that are words of the grammar: nothing can stand before them in a path.
_KEYWORD_TYPES = {
    "int", "integer", "smallint", "bigint", "real", "double precision", "float", "numeric", "decimal", "boolean",
    "varchar", "character varying", "char", "character", "bit", "bit varying", "time", "timestamp",
    "timestamp with time zone", "timestamp without time zone", "time with time zone", "interval", "setof", "record",
    "void", "trigger",
}  # fmt: skip
_STARTS = re.compile(r"\s*(?:select|insert|update|delete|with|merge|perform|return query)\b", re.IGNORECASE)
_LEADING = re.compile(
    r"\s*(?:begin|then|else|loop|declare|elsif|if|while|return(?:\s+next)?|perform|exception|raise\s+\w+|when|strict)\b",
    re.IGNORECASE,
)
_INTO = re.compile(r"\binto\s+(?:strict\s+)?[\w.\"]+(?:\s*,\s*[\w.\"]+)*(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """One function.

    Attributes:
        signature: its name and the types of its arguments, as GRANT and ALTER write them.
        is_definer: whether it runs with the rights of its owner.
        search_path: the path that is set with it; None when none is; empty for `''`.
        is_public: whether PUBLIC may execute it.
        is_trigger: whether it can only be called as a trigger.
        is_bound: whether its body was bound to objects when it was made (`BEGIN ATOMIC`, `RETURN`).
    """

    signature: str
    language: str
    body: str
    is_definer: bool
    search_path: tuple[str, ...] | None
    is_public: bool = True
    is_trigger: bool = False
    is_bound: bool = False


def left_by(acts: Sequence[Act]) -> Iterator[tuple[Act, Definition]]:
    """Yield each function that statements make, as the statements after it leave it."""
    made = {key(act.action.name) for act in acts if act.action.kind == "create_function"}
    for index, act in enumerate(acts):
        is_raised = act.action.kind == "alter_function" and "security definer" in act.action.text
        if act.action.kind != "create_function" and (not is_raised or key(act.action.name) in made):
            continue
        found = _raised(act) if is_raised else defined(act.sql)
        if act.was == "closed":
            found = replace(found, is_public=False)
        name = key(act.action.name)
        for later in acts[index + 1 :]:
            found = _after(found, name, later)
        yield act, found


def defined(sql: str) -> Definition:
    """Return what a CREATE FUNCTION statement defines."""
    words = Words(tokens(sql))
    words.until("function", "procedure")
    words.word()
    name, arguments = words.name(), words.group()
    rest = words.rest
    text = " ".join(word for word in rest if not word.startswith(("$", "'")))
    body = next((literal(word) for word in reversed(rest) if word.startswith(("$", "'", "e'"))), "")
    is_bound = "begin atomic" in text or (" as " not in f" {text} " and "return" in rest)
    return Definition(
        signature=f"{name}({', '.join(_type_of(part) for part in parts(arguments) if part)})",
        language=_after_word(rest, "language").strip("'"),
        body="" if is_bound else body,
        is_definer="security definer" in text,
        search_path=_path(rest),
        is_trigger=bool(re.search(r"\breturns (?:event_)?trigger\b", text)),
        is_bound=is_bound,
    )


def _raised(act: Act) -> Definition:
    """Return a function that is there, and now gets the rights of its owner; its body is not known."""
    name = f"{act.action.name}({act.action.target})"
    return Definition(signature=name, language="", body="", is_definer=True, search_path=_path(tokens(act.sql)))


def _type_of(argument: list[str]) -> str:
    """Return an argument's type: what GRANT and ALTER name a function by."""
    words = argument[: argument.index("default")] if "default" in argument else argument
    words = [word for word in words if word not in {"in", "inout", "variadic"}]
    words = words[: words.index("=")] if "=" in words else words
    return joined(words[1:] if len(words) > 1 and words[1] not in {".", "(", "[", "precision", "varying"} else words)


def _after_word(words: Sequence[str], word: str) -> str:
    """Return what follows a word; empty when it is not there."""
    return words[words.index(word) + 1] if word in words[:-1] else ""


def _path(words: Sequence[str]) -> tuple[str, ...] | None:
    """Return the search_path that a definition sets; the body is one word and is not looked into."""
    for index in range(len(words) - 2):
        if words[index : index + 2] == ["set", "search_path"]:
            found = list[str]()
            for word in words[index + 3 :]:
                if word != "," and found and words[words.index(word, index) - 1] != ",":
                    break
                found += [] if word == "," else [word.strip("'\"")]
            return tuple(part.strip() for each in found for part in each.split(",") if part.strip())
        if words[index : index + 2] == ["reset", "search_path"]:
            return None
    return None


def _after(definition: Definition, name: str, act: Act) -> Definition:
    """Return a definition as a later statement leaves it."""
    action = act.action
    if action.kind == "alter_function" and key(action.name) == name:
        words = tokens(act.sql)
        is_definer = definition.is_definer or "security definer" in " ".join(words)
        is_definer = is_definer and "security invoker" not in " ".join(words)
        path = _path(words)
        if path is None and not {("reset", "search_path"), ("reset", "all")} & {*pairwise(words)}:
            path = definition.search_path
        return replace(definition, is_definer=is_definer, search_path=path)
    if action.kind in {"revoke", "grant"} and "public" in action.flags and _is_about(action.text, name):
        return replace(definition, is_public=action.kind == "grant")
    return definition


def _is_about(what: str, name: str) -> bool:
    """Return whether a grant or a revoke is about a function."""
    if re.search(r"all (?:functions|routines) in schema", what):
        return True
    named = re.search(r"on (?:function|procedure|routine) (.*)", what)
    return named is not None and name in {key(part.partition("(")[0].strip()) for part in re.split(r"\),?", named[1])}


def unqualified(definition: Definition) -> tuple[str, ...]:
    """Return what a function's body names without a schema, a sentence each; what cannot be told is said, too."""
    if definition.is_bound:
        return ()
    body = _without_comments(definition.body)
    if definition.language not in {"sql", "plpgsql"}:
        return ("its body cannot be read here",)
    if definition.language == "sql":
        return _unique(each for piece in _pieces(body) for each in _in_query(piece))
    return _unique(_in_block(body))


def _unique(found: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _without_comments(body: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", body, flags=re.DOTALL)


def _pieces(body: str) -> list[str]:
    return split(body)


def _in_block(body: str) -> Iterator[str]:
    """Yield what a PL/pgSQL body names: in its declarations, its queries and its expressions."""
    if re.search(r"\bexecute\b(?!\s+(?:function|procedure))", body, re.IGNORECASE):
        yield "its body runs SQL that it builds itself, which cannot be read"
    declared = re.search(r"\bdeclare\b(.*?)\bbegin\b", body, re.IGNORECASE | re.DOTALL)
    for piece in _pieces(declared[1]) if declared else ():
        yield from _in_declaration(piece)
    variables = {piece.split()[0].lower() for piece in _pieces(declared[1])} if declared else set[str]()
    for piece in _pieces(body[declared.end() :] if declared else body):
        yield from _in_statement(piece, variables)


def _in_declaration(piece: str) -> Iterator[str]:
    """Yield a variable's type that is looked up in the path."""
    words = [word for word in tokens(piece)[1:] if word != "constant"]
    cursor = Words(words)
    kind = joined(cursor.until(":=", "=", "default", "not", "%", "["))
    if kind and not _is_safe_type(kind) and "%" not in words:
        yield f"its variable {piece.split(maxsplit=1)[0]} has the type {kind}"


def _is_safe_type(kind: str) -> bool:
    """Return whether a type is a word of the grammar, or has its schema."""
    plain = re.sub(r"\(.*\)|\[.*\]", "", kind).strip().lower()
    return "." in plain or plain in _KEYWORD_TYPES


def _in_statement(piece: str, variables: set[str]) -> Iterator[str]:
    """Yield what a statement of PL/pgSQL names."""
    text = piece
    while match := _LEADING.match(text):
        text = text[match.end() :]
        if re.match(r"\s*perform\b", match[0], re.IGNORECASE):
            text = f"select {text}"
    text = re.sub(r"^\s*for\s+[\w, ]+\s+in\s+", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+(?:loop|then)\s*(?=\S)", " ; ", text, flags=re.IGNORECASE)
    for part in _pieces(re.sub(r"\b(?:loop|then)\s*$", "", text, flags=re.IGNORECASE)):
        if assigned := re.match(r"\s*[\w.\[\]\"]+\s*:?=\s*(.*)", part, re.DOTALL):
            yield from _in_query(f"select {assigned[1]}", variables)
        elif _STARTS.match(part):
            yield from _in_query(re.sub(r"^\s*(?:return )?query\s+", "", part, flags=re.IGNORECASE), variables)
        elif tokens(part)[:1] not in (
            ["end"],
            ["null"],
            ["exit"],
            ["continue"],
            [],
            ["new"],
            ["old"],
            ["case"],
            ["get"],
        ):
            yield from _in_query(f"select {part}", variables)


def _in_query(text: str, variables: set[str] | None = None) -> Iterator[str]:
    """Yield what a query names without a schema."""
    if not re.match(r"\s*insert\b", text, re.IGNORECASE):
        text = _INTO.sub(" ", text)
    try:
        query = sqlglot.parse_one(text, read="postgres")
    except (SqlglotError, RecursionError):
        yield from _by_words(text)
        return
    if isinstance(query, exp.Command):
        yield from _by_words(text)
        return
    yield from _names(query, text, variables or set())


def _names(query: exp.Expr, text: str, variables: set[str]) -> Iterator[str]:
    """Yield tables and types of a parsed query.

    Functions are never looked for in pg_temp: with an empty path one without its schema is PostgreSQL's own, or none.
    """
    known = {each.alias_or_name for each in query.find_all(exp.CTE)} | variables | {"new", "old"}
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not table.db and table.name.lower() not in known:
            yield f"its body names the table {table.name}"
    for match in re.finditer(
        r"::\s*((?:\w+\.)?\w+(?:\s+(?:precision|varying))?)|\bcast\s*\(.*?\bas\s+([\w.]+)", text, re.IGNORECASE
    ):
        kind = match[1] or match[2]
        if not _is_safe_type(kind):
            yield f"its body names the type {kind}"


def _by_words(text: str) -> Iterator[str]:
    """Yield tables by the words before them, where a query could not be parsed."""
    words = tokens(text)
    for index, word in enumerate(words[:-2]):
        name = words[index + 1]
        is_name = re.fullmatch(r"[a-z_]\w*", name) and name not in {"select", "lateral", "only"}
        if word in {"from", "join", "update", "into"} and is_name and words[index + 2] != ".":
            yield f"its body names the table {name}"
