"""What rules read: actions, and each action where it stands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from gonogo.model import LintFinding, Migration, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """One thing that a statement does. Names are as SQL writes them, folded where they are not quoted.

    Attributes:
        kind: `add_column`, `create_index`, ….
        name: of a constraint, an index, a type, a function, a role.
        type: of a column; of the object for `drop_object`.
        text: a default, a condition, a body: what the kind calls for.
        target: the other table, the new name, the index that is used.
        flags: `concurrently`, `if_not_exists`, `not_valid`, `cascade`, `not_null`, ….
    """

    kind: str
    table: str = ""
    column: str = ""
    name: str = ""
    type: str = ""
    text: str = ""
    target: str = ""
    columns: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """An action where it stands in its revision.

    Attributes:
        sql: its one statement.
        transaction: the number of its transaction; None when it commits by itself.
        is_new: its table was made by this revision, so nothing is in it and nobody waits for it.
        old_type: the column's type before; empty when it is not known.
        proof: the valid constraint that proves what would be scanned for; empty when there is none.
        was: what the schema before knows of it, by the kind.
    """

    action: Action
    sql: str
    line: int
    transaction: int | None
    is_new: bool = False
    old_type: str = ""
    proof: str = ""
    was: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """What a revision lets pass: `# gonogo: allow REFERENCE until 2027-01-31: reason`.

    Attributes:
        until: its last day; None when it does not say.
        reason: empty when it does not say.
    """

    reference: str
    until: date | None
    reason: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call in a revision's source, by its dotted name (`op.add_column`).

    Attributes:
        words: the texts among its arguments.
        schema: the text that it is handed as `schema`.
    """

    name: str
    line: int
    end: int
    words: tuple[str, ...] = ()
    schema: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a revision's file says of itself.

    Attributes:
        title: the first line of its docstring; empty where it has none.
        kind: `expand`, `contract`, `data`; empty when neither the file nor its name says.
        reversible: what it declares; None when it does not.
        downgrade: `written`, `raises`, `empty` or `missing`.
        imports: every imported module with its line.
        commits: lines that commit or roll back the migration's own connection.
        loops: lines of loops that write row by row what was read.
        enums: names of enum types that a new table's column uses, with the line; those that it makes are left out.
        bare_enums: the same for `op.add_column`, which never makes a type.
        made_enums: enum types that the file makes itself.
        existing_types: a column's type before, by table and column, as `existing_type` says.
        waivers: what it lets pass.
        bad_waivers: lines that look like a waiver and are none.
        unread: why the file could not be read; empty when it was.
        autocommit: the lines within `autocommit_block`, first and last of each.
        literals: SQL that is written out in the upgrade, with its first and last line.
        undone: the same for the downgrade.
    """

    title: str = ""
    kind: str = ""
    reversible: bool | None = None
    downgrade: str = "written"
    downgrade_line: int = 0
    imports: tuple[tuple[str, int], ...] = ()
    commits: tuple[int, ...] = ()
    loops: tuple[int, ...] = ()
    enums: tuple[tuple[str, int], ...] = ()
    bare_enums: tuple[tuple[str, int], ...] = ()
    made_enums: frozenset[str] = frozenset()
    existing_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    bad_waivers: tuple[int, ...] = ()
    unread: str = ""
    autocommit: tuple[tuple[int, int], ...] = ()
    literals: tuple[tuple[str, int, int], ...] = ()
    undone: tuple[tuple[str, int], ...] = ()
    downgrade_calls: tuple[Call, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One revision, read: what every rule is handed.

    Attributes:
        acts: what its statements do, in order.
        undone: what the SQL written out in its downgrade does.
        enums_before: enum types that earlier revisions made.
        packages: the application's own top-level packages; None when they are not known.
        today: for what expires.
    """

    migration: Migration
    source: Source
    acts: tuple[Act, ...]
    undone: tuple[Act, ...] = ()
    enums_before: frozenset[str] = frozenset()
    packages: frozenset[str] | None = None
    today: date = date.min

    def old(self, *kinds: str) -> Iterator[Act]:
        """Yield the acts of some kinds on what was there before this revision."""
        return (act for act in self.acts if act.action.kind in kinds and not act.is_new)

    def every(self, *kinds: str) -> Iterator[Act]:
        """Yield the acts of some kinds, those on new tables too."""
        return (act for act in self.acts if act.action.kind in kinds)

    @property
    def is_contract(self) -> bool:
        """Return whether it says that it takes away."""
        return self.source.kind == "contract"

    @property
    def taking(self) -> Severity:
        """Return how grave it is to take something away: a contract is for that, once no running code uses it."""
        return Severity.ADVISE if self.is_contract else Severity.BLOCK


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What a rule says of one place; the linter adds which revision it is about.

    Attributes:
        severity: BLOCK where production would feel it.
        message: what was found, with its names.
        consequence: what would happen in production.
        fix: the safe migration, written out.
    """

    severity: Severity
    message: str
    consequence: str
    fix: str
    line: int = 0
    statement: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: its reference, what it looks for, and the squawk rules that it stands for.

    Attributes:
        reference: kebab-case, stable; its page is docs/checks/<reference>.md.
        covers: squawk's rules that say the same, less exactly.
    """

    reference: str
    check: Callable[[Subject], Iterator[Advice]]
    covers: frozenset[str] = frozenset()


def said(act: Act, message: str, *, why: str, fix: str, severity: Severity = Severity.BLOCK) -> Advice:
    """Return an advice about one act."""
    return Advice(
        severity=severity, message=message, consequence=why, fix=fix, line=act.line, statement=" ".join(act.sql.split())
    )


def alone(*statements: str) -> str:
    """Return statements that commit by themselves, as a revision writes them."""
    lines = "".join(f'\n    op.execute("""{statement}""")' for statement in statements)
    return f"with op.get_context().autocommit_block():{lines}"


def named(finding: Advice, reference: str, migration: Migration) -> LintFinding:
    """Return an advice as a finding about a revision."""
    return LintFinding(
        reference=reference,
        severity=finding.severity,
        revision=migration.id,
        path=migration.path,
        line=finding.line,
        message=finding.message,
        consequence=finding.consequence,
        fix=finding.fix,
        statement=finding.statement,
    )
