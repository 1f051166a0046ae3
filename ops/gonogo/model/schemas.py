"""The records of a schema as a catalog has it, of what code expects of it, and of the SQL that code sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column.

    Attributes:
        type: as PostgreSQL writes it, with its length.
        default: the expression; empty for none.
        generated: not empty for a column that is computed.
        identity: `a` for always, `d` for by default, empty for none.
    """

    name: str
    type: str
    not_null: bool = False
    default: str = ""
    generated: str = ""
    identity: str = ""

    @property
    def fills_itself(self) -> bool:
        """Return whether a row may be inserted without it."""
        return bool(not self.not_null or self.default or self.generated or self.identity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Constraint:
    """A rule about the rows of a table.

    Attributes:
        kind: `c` check, `f` foreign key, `p` primary key, `u` unique, `x` exclusion.
        definition: as PostgreSQL writes it.
        columns: those that it is about.
        refers: the table that a foreign key points to.
        on_delete: what becomes of rows whose target is deleted, PostgreSQL's letter.
    """

    name: str
    kind: str
    definition: str
    columns: tuple[str, ...] = ()
    refers: str = ""
    on_delete: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UniqueIndex:
    """An index that two rows may not be alike in.

    Attributes:
        columns: None stands for an expression.
        predicate: which rows it is about; empty for all.
        nulls_equal: whether two NULLs are alike.
    """

    name: str
    columns: tuple[str | None, ...]
    predicate: str = ""
    nulls_equal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """A table or a view.

    Attributes:
        name: `schema.name`, without the schema where that is `public`.
        kind: PostgreSQL's letter: `r` table, `p` partitioned, `v` view, `m` materialized view, `f` foreign table.
        columns: by name.
        triggers: definition by name.
        granted: who may do what, `role privilege` each; its owner's own rights are not among them.
        hides_rows: row security: empty for off, `on`, or `forced` for its owner too.
    """

    name: str
    kind: str = "r"
    columns: Mapping[str, Column] = field(default_factory=dict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    uniques: tuple[UniqueIndex, ...] = ()
    triggers: Mapping[str, str] = field(default_factory=dict)
    granted: frozenset[str] = frozenset()
    hides_rows: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """A schema.

    Attributes:
        relations: by name.
        enums: their labels by name.
        revisions: what Alembic says is applied.
    """

    relations: Mapping[str, Relation]
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    revisions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelColumn:
    """A column as a model knows it.

    Attributes:
        fills_itself: whether the model gives a value where nobody does; not by the database.
    """

    nullable: bool
    fills_itself: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Models:
    """What a release's models expect.

    Attributes:
        tables: columns by name, by table.
        problem: why they are not known; empty when they are.
    """

    tables: Mapping[str, Mapping[str, ModelColumn]] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A statement that a release sends.

    Attributes:
        types: of its parameters, by PostgreSQL's numbers; 0 leaves it to the server.
        formats: of a run's parameters: 0 text, 1 binary.
        values: of a run's parameters as they went over the wire; None where only the text is known.
    """

    sql: str
    types: tuple[int, ...] = ()
    formats: tuple[int, ...] = ()
    values: tuple[bytes | None, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A statement that the database has refused.

    Attributes:
        code: SQLSTATE.
    """

    code: str
    message: str
    sql: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """How a database takes a statement.

    Attributes:
        code: SQLSTATE of the refusal; empty when it is taken.
        message: of the refusal, a line.
        takes: the types of its parameters, as PostgreSQL writes them.
        gives: the columns that it returns, `name type` each.
        ran: whether it was run with recorded values, and not only planned.
        rule: the constraint or unique index that refused it.
    """

    code: str = ""
    message: str = ""
    rule: str = ""
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    ran: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """Something that an earlier release relies on, and that a newer schema does not keep.

    Attributes:
        subject: what it is about, as exceptions name it: `table`, `table.column`, a test.
        message: what is so, and what becomes of it; a sentence.
        is_certain: whether the earlier release fails; else it may, and a person should know.
    """

    subject: str
    message: str
    is_certain: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuse:
    """An exception: what may break, for whom, until when.

    Attributes:
        what: a breach's subject; `*` stands for anything in it.
        revision: the revision that breaks it.
        expires: the last day, ISO.
    """

    what: str
    revision: str
    reason: str
    who: str
    expires: str
