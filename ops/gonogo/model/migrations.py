"""The records of a migration that was looked at before it runs: its statements, and what was found in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gonogo.model.settings import Limits, Secret
from gonogo.model.terms import Severity


class Manner(StrEnum):
    """How the statements of a revision became known."""

    CAPTURED = "captured"
    RENDERED = "rendered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One piece of SQL that a revision sends.

    Attributes:
        sql: as it was sent; it may hold several statements.
        line: the line of the revision that sent it; 0 when that is not known.
        transaction: the number of its transaction within the revision; None when it commits by itself.
    """

    sql: str
    line: int = 0
    transaction: int | None = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One revision as a linter reads it.

    Attributes:
        id: Alembic's revision id.
        path: the file, as people find it.
        source: the file's text.
        parents: the revisions before it; several for a merge, none for the first.
        statements: what it sends, in order.
        manner: how the statements became known.
        problem: why they could not be captured; empty when they were.
        lock_timeout: whether its session had one; None when that is not known.
    """

    id: str
    path: str
    source: str
    parents: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    manner: Manner = Manner.UNKNOWN
    problem: str = ""
    lock_timeout: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LintFinding:
    """What a rule says about one revision.

    Attributes:
        reference: the rule, kebab-case; its page is docs/checks/<reference>.md.
        revision: Alembic's revision id; empty for the project as a whole.
        path: the file.
        line: where in it; 0 for the whole.
        message: what was found, with its names.
        consequence: what would happen in production.
        fix: the safe migration, written out with the same names.
        statement: the SQL that is meant; empty when it is not about one.
        waived: the reason of the waiver that lets it pass; empty when there is none.
        cleared: what a trial measured that shows it to be harmless there; empty when none did.
    """

    reference: str
    severity: Severity
    revision: str = ""
    path: str = ""
    line: int = 0
    message: str
    consequence: str
    fix: str
    statement: str = ""
    waived: str = ""
    cleared: str = ""

    @property
    def where(self) -> str:
        """Return the file and the line, as editors read them."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """The revisions of a project, as far as they could be read.

    Attributes:
        migrations: oldest first.
        heads: the newest revisions; exactly one in a sound history.
        packages: the top-level packages that are the application's own.
        drift: what the models say and the migrated schema does not; None when it was not compared.
        notes: what could not be looked at, and why; a sentence each.
    """

    migrations: tuple[Migration, ...]
    heads: tuple[str, ...]
    packages: frozenset[str] | None = None
    drift: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Return what each revision stands on, oldest first."""
        return {each.id: each.parents for each in self.migrations}


@dataclass(frozen=True, kw_only=True, slots=True)
class MigrationSetup:
    """What is needed of gonogo.toml to read a project's migrations: less than a release needs.

    Attributes:
        root: the folder that holds gonogo.toml.
        state: gonogo's own files.
        command: Alembic with its configuration, without a verb; `{python}` stands for the interpreter.
        ini: Alembic's ini file, relative to the root.
        environ: variables that env.py wants and that mean nothing here.
        seconds: how long a revision may take on the scratch database.
        install: the command that installs the project's locked environment; empty where gonogo.toml names none.
        key_files: the files that decide what it installs.
        database: the environment's database; None where nobody asked for one.
        scratch: the environment's scratch server; None where it names none.
        shadow: the server that its migrations are tried on; None where it names none.
        limits: the environment's, or as they are where nobody says anything.
    """

    root: Path
    state: Path
    command: tuple[str, ...]
    ini: str
    environ: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    install: tuple[str, ...] = ()
    key_files: tuple[str, ...] = ()
    database: Secret | None = None
    scratch: Secret | None = None
    shadow: Secret | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, kw_only=True, slots=True)
class Linted:
    """What linting a project's migrations came to.

    Attributes:
        revisions: those that were looked at, oldest first.
        rendered: those whose SQL was rendered and not captured.
        findings: everything that was found, by revision.
        notes: what could not be looked at, and why.
    """

    revisions: tuple[str, ...]
    rendered: tuple[str, ...]
    findings: tuple[LintFinding, ...]
    notes: tuple[str, ...] = ()

    @property
    def blocking(self) -> tuple[LintFinding, ...]:
        """Return what stops a release."""
        return tuple(each for each in self.findings if each.severity is Severity.BLOCK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that squawk says.

    Attributes:
        line: counted from one.
        help: what it would do instead.
    """

    rule: str
    line: int
    message: str
    help: str
