"""The records of what a migration does: in words, with its locks, and with what either direction takes away."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model.trials import LockMode


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where values are: a column of a table, or all its rows.

    Attributes:
        relation: `schema.table`.
        column: empty for whole rows.
    """

    relation: str
    column: str = ""

    @property
    def name(self) -> str:
        """Return it as people write it."""
        bare = self.relation.removeprefix("public.")
        return f"{bare}.{self.column}" if self.column else bare


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedLock:
    """A lock that an operation takes on what was there before it, by PostgreSQL's documentation.

    Attributes:
        relation: `schema.name`; of an index that nobody has seen made, the index.
        operation: what takes it.
        is_long: whether it is held while rows are read or written, and so for longer where there are more of them.
    """

    relation: str
    mode: LockMode
    operation: str
    is_long: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Deeds:
    """What one revision does, read from the statements that it sends and from its file.

    Attributes:
        words: a sentence each, in order.
        unread: statements that were not understood, as they are sent; nothing is guessed about them.
        locks: the strongest on each relation, held briefly and held for long, without those on what the revision makes.
        takes: values that the upgrade takes away.
        gives_back: values that the downgrade takes away: what is written there until it runs is lost.
        unread_back: what in the downgrade may take values away, and where cannot be told, as it is written.
        lasting: what no downgrade undoes, a sentence each: rows rewritten, an enum value added.
        made: what the upgrade makes: `table NAME`, `column TABLE.NAME`, `index NAME`.
        downgrade: `written`, `raises`, `empty` or `missing`; empty where the file could not be read.
        reversible: what the file declares; None when it does not.
        looks: the kind by what it does: `expand`, `contract` or `data`; empty where not all of it is understood.
        tightens: what old code may still do and the schema no longer takes, a sentence each.
    """

    words: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    locks: tuple[ExpectedLock, ...] = ()
    takes: tuple[Place, ...] = ()
    gives_back: tuple[Place, ...] = ()
    unread_back: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    downgrade: str = "written"
    reversible: bool | None = None
    looks: str = ""
    tightens: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSize:
    """How big a table or an index is.

    Attributes:
        rows: None where PostgreSQL has no estimate yet.
        bytes: on disk, with its indexes and its long values.
    """

    rows: int | None
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """How many values are at a place.

    Attributes:
        values: rows, or values that are not NULL; None where nobody could count in time.
        is_exact: whether they were counted; else it is PostgreSQL's own estimate.
    """

    place: Place
    values: int | None
    is_exact: bool = True

    @property
    def said(self) -> str:
        """Return how many, in words."""
        if self.values is None:
            return f"{self.place.name} (nobody could count them in time)"
        what = f"{'value' if self.place.column else 'row'}{'' if self.values == 1 else 's'}"
        return f"{'' if self.is_exact else 'about '}{self.values:,} {what} of {self.place.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Census:
    """What a target holds of the tables that migrations touch.

    Attributes:
        sizes: by `schema.name`; a relation that is not among them is not there.
        filled: how much is where values are taken away.
    """

    sizes: Mapping[str, TableSize] = field(default_factory=dict)
    filled: tuple[Filled, ...] = ()
