"""A chain of revisions, read: each with what its statements do to the schema that those before it left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from gonogo.lint.catalog import Catalog, Making, seen
from gonogo.lint.reading import read
from gonogo.lint.records import Act, Action, Source, Subject
from gonogo.lint.scanning import key, tokens
from gonogo.lint.source import read_source
from gonogo.model import Chain, Manner, Migration, Statement

_PARAMETERS = ("%", ":", "$")


@dataclass(slots=True)
class _Transactions:
    """Counts transactions over a revision's statements: a raw COMMIT ends one."""

    current: int = 0
    commits: int = 0
    alone: int = field(default=0)

    def of(self, statement: Statement, pieces: int) -> int | None:
        """Return the transaction of a statement; several that are sent at once share one even in autocommit."""
        if statement.transaction is not None:
            return statement.transaction + self.commits
        if pieces < 2:  # noqa: PLR2004
            return None
        self.alone -= 1
        return self.alone


def subjects(chain: Chain, *, today: date, wanted: Sequence[str] | None = None) -> tuple[Subject, ...]:
    """Return a chain's revisions as rules read them; those that are not wanted only leave their schema.

    Args:
        chain: oldest first.
        today: for waivers that expire.
        wanted: the revisions to return; all of them when None.
    """
    catalog, found = Catalog(), list[Subject]()
    for migration in chain.migrations:
        try:
            subject = _subject(migration, catalog, chain, today)
        except Exception as error:  # noqa: BLE001  # what the reader does not cope with is this revision's finding
            unread = Source(unread=f"{type(error).__name__}: {error}"[:300])
            subject = Subject(migration=migration, source=unread, acts=(), packages=chain.packages, today=today)
        if wanted is None or migration.id in wanted:
            found.append(subject)
    return tuple(found)


def _subject(migration: Migration, catalog: Catalog, chain: Chain, today: date) -> Subject:
    """Return one revision, and leave its schema in the catalog."""
    source = read_source(migration.source, migration.path)
    before = frozenset(catalog.enums)
    making = Making()
    acts = tuple(seen(catalog, making, act) for act in _acts(migration, source))
    undone = tuple(
        Act(action=action, sql=sql, line=line, transaction=0)
        for text, line in source.undone
        for sql, actions in read(text)
        for action in actions
    )
    return Subject(
        migration=migration,
        source=source,
        acts=_with_replaced(acts),
        undone=undone,
        enums_before=before,
        packages=chain.packages,
        today=today,
    )


def _acts(migration: Migration, source: Source) -> Iterator[Act]:
    """Yield what a revision does, in order; what was written out and not run on an empty schema comes last."""
    transactions = _Transactions()
    for statement in (*migration.statements, *_not_run(migration, source)):
        pieces = read(statement.sql)
        transaction = transactions.of(statement, len(pieces))
        for sql, actions in pieces:
            for action in actions or (Action(kind="quiet"),):
                old = source.existing_types.get((key(action.table), action.column), "")
                yield Act(action=action, sql=sql, line=statement.line, transaction=transaction, old_type=old)
                if action.kind == "commit" and transaction is not None:
                    transactions.commits += 1
                    transaction += 1


def _not_run(migration: Migration, source: Source) -> Iterator[Statement]:
    """Yield SQL that stands in the upgrade and was not sent: its loop or its condition found nothing."""
    lines = {statement.line for statement in migration.statements if statement.line}
    if migration.manner is Manner.CAPTURED and migration.problem and not lines:
        return
    sent = {_shape(statement.sql) for statement in migration.statements}
    for sql, first, last in source.literals:
        is_sent = any(line in lines for line in range(first, last + 1)) or _shape(sql) in sent
        is_part = not is_sent and any(sql.strip() in statement.sql for statement in migration.statements)
        if not is_sent and not is_part:
            alone = any(start <= first <= end for start, end in source.autocommit)
            yield Statement(sql=sql, line=first, transaction=None if alone else 0)


def _shape(sql: str) -> tuple[str, ...]:
    """Return a statement without its values, to compare by."""
    return tuple("?" if word.startswith(_PARAMETERS) and len(word) > 1 else word for word in tokens(sql))


def _with_replaced(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Return the acts; what is dropped and made again by the same name is marked as replaced."""
    made = {(key(act.action.name), index) for index, act in enumerate(acts) if act.action.kind.startswith("create_")}
    return tuple(_marked(act, index, made) for index, act in enumerate(acts))


def _marked(act: Act, index: int, made: set[tuple[str, int]]) -> Act:
    name = key(act.action.name)
    if act.action.kind != "drop_object" or not any(other == name and at > index for other, at in made):
        return act
    return Act(
        action=act.action, sql=act.sql, line=act.line, transaction=act.transaction, is_new=act.is_new, was="replaced"
    )
