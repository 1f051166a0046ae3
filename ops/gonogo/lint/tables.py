"""CREATE TABLE and ALTER TABLE into actions."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from gonogo.lint.records import Action
from gonogo.lint.scanning import joined, parts
from gonogo.lint.words import Words

# What a column's type ends at.
_CONSTRAINTS = (
    "not", "null", "default", "check", "unique", "primary", "references", "constraint", "collate", "generated",
    "storage", "compression", "using",
)  # fmt: skip
_SERIAL = {
    "serial": "integer",
    "bigserial": "bigint",
    "smallserial": "smallint",
    "serial4": "integer",
    "serial8": "bigint",
}
_NAMED = {
    "primary": "add_primary_key", "unique": "add_unique", "check": "add_check", "foreign": "add_foreign_key",
    "exclude": "add_exclusion", "not": "add_not_null",
}  # fmt: skip


def create_table(words: Words) -> Iterator[Action]:
    """Yield the new table, then its columns and constraints."""
    flags = words.any_of("global", "local", "temporary", "temp", "unlogged")
    if not words.take("table"):
        return
    flags |= words.skip("if not exists")
    table = words.name()
    if words.take("partition of"):
        yield Action(kind="create_partition", table=table, target=words.name(), flags=flags)
        return
    group = words.group()
    inherited = words.rest[1:] if words.next == "inherits" else []
    yield Action(kind="create_table", table=table, flags=flags, text=joined(inherited))
    for part in parts(group):
        yield from _element(table, Words(part))


def _element(table: str, words: Words) -> Iterator[Action]:
    """Yield a column or a constraint of a new table."""
    if words.next == "like":
        return
    found = constraint(table, words) or column(table, words)
    yield from found


def alter_table(words: Words) -> Iterator[Action]:
    """Yield each thing that is done to a table."""
    words.skip("if exists", "only")
    table = "*" if words.take("all in") else words.name()
    if table == "*":
        words.until("set")
    words.take("*")
    for part in parts(words.rest):
        yield from _alteration(table, Words(part))


def _alteration(table: str, words: Words) -> Iterator[Action]:
    """Yield what one part of ALTER TABLE does."""
    verb = words.word()
    read = _VERBS.get(verb)
    found = list(read(table, words)) if read else []
    yield from found or [Action(kind="alter_other", table=table, text=joined([verb, *words.rest]))]


def _add(table: str, words: Words) -> Iterator[Action]:
    yield from constraint(table, words) or _added_column(table, words)


def _added_column(table: str, words: Words) -> list[Action]:
    words.take("column")
    flags = words.skip("if not exists")
    first, *rest = column(table, words)
    return [replace(first, kind="add_column", flags=first.flags | flags), *rest]


def column(table: str, words: Words) -> list[Action]:
    """Return a column, then its inline constraints (flagged `inline`)."""
    name = words.name()
    type_ = joined(words.until(*_CONSTRAINTS))
    flags, default, found = set[str](), "", list[Action]()
    if type_ in _SERIAL:
        flags.add("serial")
    while words.rest:
        constraint_name = words.name() if words.take("constraint") else ""
        if words.take("default"):
            default = joined(words.until(*_CONSTRAINTS))
        elif words.take("generated"):
            flags |= _generated(words)
        elif inline := _inline(table, name, constraint_name, words):
            found.append(inline)
        else:
            flags |= words.skip("not null", "null", "primary key") or {words.word()}
    type_ = _SERIAL.get(type_, type_)
    return [Action(kind="column", table=table, column=name, type=type_, text=default, flags=frozenset(flags)), *found]


def _generated(words: Words) -> set[str]:
    """Return how a column gets its values."""
    words.any_of("always", "by default")
    words.take("as")
    if words.take("identity"):
        words.group()
        return {"identity"}
    words.group()
    return {"virtual"} if words.take("virtual") else {"stored"} if words.take("stored") else {"virtual"}


def _inline(table: str, name: str, constraint_name: str, words: Words) -> Action | None:
    """Return a constraint that is written at its column."""
    inline, columns = frozenset({"inline"}), (name,)
    if words.take("check"):
        text = joined(words.group())
        words.any_of("no inherit")
        return Action(kind="add_check", table=table, name=constraint_name, text=text, columns=columns, flags=inline)
    if words.take("unique"):
        return Action(kind="add_unique", table=table, name=constraint_name, columns=columns, flags=inline)
    if words.take("references"):
        target = words.name()
        joined_target = f"{target} ({joined(group)})" if (group := words.group()) else target
        words.until("default", "check", "unique", "constraint", "generated")
        return Action(
            kind="add_foreign_key",
            table=table,
            name=constraint_name,
            target=target,
            text=joined_target,
            columns=columns,
            flags=inline,
        )
    return None


def constraint(table: str, words: Words) -> list[Action]:
    """Return a table's constraint; nothing when it is none."""
    name = words.name() if words.take("constraint") else ""
    kind = _NAMED.get(words.next)
    if kind is None or (words.next == "not" and not name):
        return []
    definition = joined(words.rest)
    words.any_of("primary", "key", "unique", "check", "foreign", "exclude", "not", "null", "nulls", "distinct")
    flags = frozenset(
        flag for flag, text in (("not_valid", "not valid"), ("using_index", "using index")) if words.has(text)
    )
    index = words.name() if words.take("using index") else ""
    first = words.next if kind == "add_not_null" else ""
    group = words.group()
    columns = (first,) if first else tuple(joined(part) for part in parts(group) if part)
    target = text = ""
    if words.take("references"):
        target = words.name()
        text = f"{target} ({joined(group)})" if (group := words.group()) else target
    if kind == "add_check":
        text, columns = joined(group), ()
    found = Action(kind=kind, table=table, name=name, columns=columns, target=target or index, flags=flags)
    return [replace(found, text=text or definition)]


def _drop(table: str, words: Words) -> Iterator[Action]:
    if words.take("constraint"):
        flags = words.skip("if exists")
        name = words.name()
        yield Action(kind="drop_constraint", table=table, name=name, flags=flags | words.any_of("cascade"))
        return
    words.take("column")
    flags = words.skip("if exists")
    name = words.name()
    yield Action(kind="drop_column", table=table, column=name, flags=flags | words.any_of("cascade"))


def _alter(table: str, words: Words) -> Iterator[Action]:
    if words.take("constraint"):
        yield Action(kind="alter_constraint", table=table, name=words.name())
        return
    words.take("column")
    name = words.name()
    if words.take("set data type") or words.take("type"):
        type_ = joined(words.until("using", "collate"))
        collated = frozenset({"collated"} if words.until("using") else ())
        using = joined(words.rest) if words.take("using") else ""
        yield Action(kind="alter_type", table=table, column=name, type=type_, text=using, flags=collated)
        return
    if words.take("add generated"):
        yield Action(kind="add_identity", table=table, column=name)
        return
    for kind, text in _COLUMN.items():
        if words.take(text):
            yield Action(kind=kind, table=table, column=name, text=joined(words.rest))
            return


_COLUMN = {
    "set_not_null": "set not null",
    "drop_not_null": "drop not null",
    "set_default": "set default",
    "drop_default": "drop default",
    "column_option": "set statistics|storage|compression|(",
    "drop_expression": "drop expression|identity",
}


def _rename(table: str, words: Words) -> Iterator[Action]:
    if words.take("to"):
        yield Action(kind="rename_table", table=table, target=words.name())
    elif words.take("constraint"):
        yield Action(kind="rename_constraint", table=table, name=words.name())
    else:
        words.take("column")
        name = words.name()
        words.take("to")
        yield Action(kind="rename_column", table=table, column=name, target=words.name())


def _validate(table: str, words: Words) -> Iterator[Action]:
    words.take("constraint")
    yield Action(kind="validate", table=table, name=words.name())


def _set(table: str, words: Words) -> Iterator[Action]:
    if words.take("schema"):
        yield Action(kind="set_schema", table=table, target=words.name())
    elif words.next in {"tablespace", "logged", "unlogged", "access", "without", "with"}:
        yield Action(kind="move_table", table=table, text=joined(words.rest))
    else:
        yield Action(kind="table_option", table=table, text=joined(words.rest))


def _toggle(way: str) -> Callable[[str, Words], Iterator[Action]]:
    def read(table: str, words: Words) -> Iterator[Action]:
        words.any_of("replica", "always")
        if words.take("row level security"):
            yield Action(kind=f"{way}_rls", table=table)
        elif words.take("trigger|rule"):
            yield Action(kind=f"{way}_trigger", table=table, name=words.name())

    return read


def _attach(table: str, words: Words) -> Iterator[Action]:
    words.take("partition")
    yield Action(kind="attach_partition", table=table, target=words.name(), text=joined(words.rest))


def _detach(table: str, words: Words) -> Iterator[Action]:
    words.take("partition")
    name = words.name()
    yield Action(kind="detach_partition", table=table, target=name, flags=words.any_of("concurrently", "finalize"))


def _plain(kind: str) -> Callable[[str, Words], Iterator[Action]]:
    def read(table: str, words: Words) -> Iterator[Action]:
        yield Action(kind=kind, table=table, text=joined(words.rest))

    return read


_VERBS: dict[str, Callable[[str, Words], Iterator[Action]]] = {
    "add": _add,
    "drop": _drop,
    "alter": _alter,
    "rename": _rename,
    "validate": _validate,
    "set": _set,
    "reset": _plain("table_option"),
    "enable": _toggle("enable"),
    "disable": _toggle("disable"),
    "force": _plain("force_rls"),
    "no": _plain("table_option"),
    "owner": _plain("owner"),
    "replica": _plain("table_option"),
    "attach": _attach,
    "detach": _detach,
    "inherit": _plain("inherit"),
    "cluster": _plain("table_option"),
}
