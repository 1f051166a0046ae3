"""SQL into actions: every statement that the rules know; anything else is an action of the kind `other`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from gonogo.lint import tables
from gonogo.lint.records import Action
from gonogo.lint.scanning import joined, literal, split, tokens
from gonogo.lint.words import Words

Reader = Callable[[Words], Iterator[Action]]
_LONGEST_NESTING = 4


@lru_cache(maxsize=4096)
def read(sql: str) -> tuple[tuple[str, tuple[Action, ...]], ...]:
    """Return each statement of a text with what it does; blocks of PL/pgSQL with what is done in them."""
    return tuple((statement, tuple(_actions(tokens(statement)))) for statement in split(sql))


def _actions(words: list[str], depth: int = 0) -> Iterator[Action]:
    """Yield what a statement does."""
    if words[0] == "explain":
        words = [word for word in words[1:] if word not in {"analyze", "verbose"}]
    for first, reader in _BY_WORD.get(words[0], ()):
        cursor = Words(words)
        if cursor.take(first):
            if first == "do" and depth < _LONGEST_NESTING:
                yield from _block(cursor, depth)
            yield from reader(cursor)
            return
    yield Action(kind="other", text=joined(words[:8]))


def _block(words: Words, depth: int) -> Iterator[Action]:
    """Yield what is done in a DO block, what it builds from a literal included."""
    body = next((word for word in words.rest if word.startswith(("$", "'"))), "$$$$")
    for piece, is_looped in _pieces(tokens(literal(body))):
        if piece[0] == "execute":
            yield from _executed(piece[1:], depth)
        elif Words(piece).take(
            "alter|create|drop|update|delete|truncate|insert|lock|grant|revoke|comment|refresh|reindex"
        ):
            for action in _actions(piece, depth + 1):
                flags = action.flags | {"in_block"} | ({"looped"} if is_looped else set())
                yield replace(action, flags=flags)


def _pieces(words: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Yield the statements of a PL/pgSQL body, and whether each is in a loop."""
    piece, loops = list[str](), 0
    for word in [*words, ";"]:
        if word in {"begin", "then", "loop", "else"}:
            loops += word == "loop" and piece[:1] != ["end"]
            piece = [] if piece[:1] != ["end"] else [*piece, word]
        elif word == ";":
            loops -= piece[:2] == ["end", "loop"]
            if piece:
                yield piece, loops > 0
            piece = []
        else:
            piece.append(word)


def _executed(words: list[str], depth: int) -> Iterator[Action]:
    """Yield what EXECUTE runs, where it is written out; a place of `format` is a name that is not known."""
    text = next((literal(word) for word in words if word.startswith(("'", "$", "e'", "E'"))), "")
    for statement in split(re.sub(r"%%?\d*\$?[IsL]", "something", text)):
        if depth < _LONGEST_NESTING:
            yield from _actions(tokens(statement), depth + 1)


def _create_index(words: Words) -> Iterator[Action]:
    flags = words.skip("concurrently", "if not exists")
    name = "" if words.next == "on" else words.name()
    words.take("on")
    flags |= words.skip("only")
    table = words.name()
    yield Action(kind="create_index", table=table, name=name, text=joined(words.rest), flags=flags)


def _unique_index(words: Words) -> Iterator[Action]:
    for action in _create_index(words):
        yield replace(action, flags=action.flags | {"unique"})


def _drop_index(words: Words) -> Iterator[Action]:
    flags = words.skip("concurrently", "if exists")
    for name in words.names():
        yield Action(kind="drop_index", name=name, flags=flags | words.any_of("cascade"))


def _drop_table(words: Words) -> Iterator[Action]:
    flags = words.skip("if exists")
    names = words.names()
    flags |= words.any_of("cascade")
    yield from (Action(kind="drop_table", table=name, flags=flags) for name in names)


def _drop_object(words: Words) -> Iterator[Action]:
    sort = words.word()
    if sort == "materialized":
        sort = f"materialized {words.word()}"
    flags = words.skip("if exists")
    names = words.names()
    words.group()
    flags |= frozenset({"cascade"}) if words.has("cascade") else frozenset()
    yield from (Action(kind="drop_object", type=sort, name=name, flags=flags) for name in names)


def _drop_owned(words: Words) -> Iterator[Action]:
    words.take("by")
    yield Action(kind="drop_object", type="everything of the role", name=words.name(), flags=words.any_of("cascade"))


def _drop_on(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        words.skip("if exists")
        name = words.name()
        words.take("on")
        yield Action(kind=kind, name=name, table=words.name())

    return reader


def _truncate(words: Words) -> Iterator[Action]:
    words.skip("table", "only")
    names = words.names()
    yield from (Action(kind="truncate", table=name, flags=words.any_of("cascade")) for name in names)


def _change(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        words.skip("only")
        table = words.name()
        words.until("where")
        where = words.rest[1:]
        yield Action(kind=kind, table=table, text=joined(where), flags=frozenset({"where"} if where else ()))

    return reader


def _insert(words: Words) -> Iterator[Action]:
    table = words.name()
    flags = {"select"} if words.has("select") and words.has("from") and not words.has("values") else set()
    yield Action(kind="insert", table=table, text=joined(words.rest), flags=frozenset(flags))


def _with(words: Words) -> Iterator[Action]:
    """Look behind the common table expressions, and into those that write."""
    while words.rest:
        found = words.until("update", "delete", "insert", "select", "merge")
        for index, word in enumerate(found):
            if word == "(" and found[index + 1 : index + 2] in (["update"], ["delete"], ["insert"]):
                yield from _actions(Words(found[index:]).group())
        if words.next in {"update", "delete", "insert"}:
            limited = {"limited"} if "limit" in found else set[str]()
            yield from (replace(action, flags=action.flags | limited) for action in _actions(words.rest))
        return


def _lock(words: Words) -> Iterator[Action]:
    words.skip("table", "only")
    names = words.names()
    mode = joined(words.until("mode", "nowait")[1:]) if words.next == "in" else "access exclusive"
    yield from (Action(kind="lock_table", table=name, text=mode) for name in names)


def _maintain(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        options = " ".join(words.group())
        flags = words.any_of("full", "freeze", "verbose", "analyze", "index", "table", "schema", "database", "system")
        flags |= words.skip("concurrently") | frozenset(
            re.findall(r"\b(full|concurrently)\b(?! *(?:false|off))", options)
        )
        yield Action(kind=kind, table=words.name(), flags=flags)

    return reader


def _set_value(words: Words) -> Iterator[Action]:
    words.any_of("local", "session")
    name = words.name()
    words.take("to|=")
    yield Action(kind="set", name=name, text=joined(words.rest))


def _grant(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        what = joined(words.until("to", "from"))
        words.word()
        words.take("group")
        names = frozenset(name for part in [words.rest] for name in part)
        public = frozenset({"public"} if "public" in names else ())
        yield Action(kind=kind, text=what, name=joined(words.rest), flags=public)

    return reader


def _default_privileges(words: Words) -> Iterator[Action]:
    words.until("grant", "revoke")
    yield from _grant(f"default_{words.word()}")(words)


def _enum(words: Words) -> Iterator[Action]:
    name = words.name()
    sort = "enum" if words.take("as enum") else "other"
    yield Action(kind="create_type", name=name, type=sort, columns=tuple(w for w in words.group() if w != ","))


def _alter_type(words: Words) -> Iterator[Action]:
    name = words.name()
    if words.take("add value"):
        words.skip("if not exists")
        yield Action(kind="add_value", name=name, text=words.word())
    elif words.take("rename value"):
        old = words.word()
        words.take("to")
        yield Action(kind="rename_value", name=name, text=old, target=words.word())
    elif words.take("rename to"):
        yield Action(kind="rename_type", name=name, target=words.name())
    else:
        yield Action(kind="alter_type_other", name=name, text=joined(words.rest))


def _alter_domain(words: Words) -> Iterator[Action]:
    name = words.name()
    if not words.take("add"):
        yield Action(kind="alter_domain", name=name, table=name, text=joined(words.rest))
        return
    for action in tables.constraint(name, words):
        yield replace(action, flags=action.flags | {"domain"})


def _domain(words: Words) -> Iterator[Action]:
    name = words.name()
    words.take("as")
    kind = joined(words.until("constraint", "check", "not", "null", "default", "collate"))
    flags = frozenset({"constrained"} if words.has("check") or words.has("not null") else ())
    yield Action(kind="create_domain", name=name, table=name, type=kind, flags=flags)


def _rule(words: Words) -> Iterator[Action]:
    name = words.name()
    words.until("to")
    words.take("to")
    yield Action(kind="create_trigger", name=name, table=words.name())


def _view(sort: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        flags = words.skip("if not exists")
        yield Action(kind="create_view", name=words.name(), type=sort, flags=flags)

    return reader


def _replace_view(words: Words) -> Iterator[Action]:
    for action in _view("view")(words):
        yield replace(action, flags=frozenset({"replace"}))


def _refresh(words: Words) -> Iterator[Action]:
    flags = words.skip("concurrently")
    yield Action(kind="refresh", name=words.name(), flags=flags)


def _function(words: Words) -> Iterator[Action]:
    yield Action(kind="create_function", name=words.name(), text=joined(words.group()))


def _alter_function(words: Words) -> Iterator[Action]:
    name = words.name()
    arguments = joined(words.group())
    if words.take("rename to") or words.take("set schema"):
        yield Action(kind="rename_table", table=name, target=words.name())
    else:
        yield Action(kind="alter_function", name=name, target=arguments, text=joined(words.rest))


def _trigger(words: Words) -> Iterator[Action]:
    name = words.name()
    words.until("on")
    words.take("on")
    yield Action(kind="create_trigger", name=name, table=words.name())


def _policy(words: Words) -> Iterator[Action]:
    name = words.name()
    words.take("on")
    yield Action(kind="create_policy", name=name, table=words.name())


def _rename_aside(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        words.skip("if exists")
        name = words.name()
        renames = kind == "alter_view" and (words.take("rename to") or words.take("set schema"))
        target = words.name() if renames else ""
        yield Action(kind="rename_table" if renames else kind, name=name, table=name if renames else "", target=target)

    return reader


def _create_as(words: Words) -> Iterator[Action]:
    return tables.create_table(words)


def _quiet(kind: str) -> Reader:
    def reader(words: Words) -> Iterator[Action]:
        yield Action(kind=kind, text=joined(words.rest[:12]))

    return reader


_READERS: tuple[tuple[str, Reader], ...] = (
    ("alter table", tables.alter_table),
    ("create index", _create_index),
    ("create unique index", _unique_index),
    ("create or replace view", _replace_view),
    ("create view", _view("view")),
    ("create materialized view", _view("materialized view")),
    ("create or replace function|procedure", _function),
    ("create function|procedure", _function),
    ("create or replace trigger", _trigger),
    ("create constraint trigger", _trigger),
    ("create trigger", _trigger),
    ("create policy", _policy),
    ("create or replace rule", _rule),
    ("create rule", _rule),
    ("create domain", _domain),
    ("create type", _enum),
    ("create database|tablespace", _quiet("outside_transaction")),
    ("create", _create_as),
    ("drop table", _drop_table),
    ("drop index", _drop_index),
    ("drop trigger|rule", _drop_on("drop_trigger")),
    ("drop policy", _drop_on("drop_policy")),
    ("drop owned", _drop_owned),
    ("drop role|user|group|cast|operator|publication|subscription|statistics|event", _quiet("drop_quiet")),
    ("drop", _drop_object),
    ("truncate", _truncate),
    ("update", _change("update")),
    ("delete from", _change("delete")),
    ("insert into", _insert),
    ("merge into", _change("update")),
    ("with", _with),
    ("lock", _lock),
    ("vacuum", _maintain("vacuum")),
    ("cluster", _maintain("cluster")),
    ("reindex", _maintain("reindex")),
    ("refresh materialized view", _refresh),
    ("grant", _grant("grant")),
    ("revoke", _grant("revoke")),
    ("alter default privileges", _default_privileges),
    ("alter type", _alter_type),
    ("alter domain", _alter_domain),
    ("alter function|procedure|routine", _alter_function),
    ("alter schema|sequence", _rename_aside("alter_view")),
    ("alter view", _rename_aside("alter_view")),
    ("alter materialized view", _rename_aside("alter_view")),
    ("alter index", _rename_aside("alter_index")),
    ("alter system", _quiet("outside_transaction")),
    ("commit|end", _quiet("commit")),
    ("rollback|abort", _quiet("rollback")),
    ("begin|start", _quiet("begin")),
    ("set", _set_value),
    ("do", _quiet("do")),
    (
        "select|show|comment|values|table|reset|savepoint|release|analyze|notify|copy|call|discard|declare|fetch",
        _quiet("quiet"),
    ),
)
_BY_WORD: dict[str, list[tuple[str, Reader]]] = {}
for _words, _reader in _READERS:
    for _word in _words.split()[0].split("|"):
        _BY_WORD.setdefault(_word, []).append((_words, _reader))
