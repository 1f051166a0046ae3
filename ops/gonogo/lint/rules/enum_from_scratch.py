"""An enum type that works only when all revisions run at once, or not at all."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject
from gonogo.model import Severity


def check(subject: Subject) -> Iterator[Advice]:
    """Yield columns whose type a deploy would make twice, or never."""
    created = {act.action.name for act in subject.every("create_type")}
    for name, line in subject.source.enums:
        if name in subject.enums_before:
            yield Advice(
                severity=Severity.BLOCK,
                message=f"a new table uses the enum type {name}, which an earlier revision has made, and would "
                "make it again",
                consequence="it runs on an empty database, where Alembic remembers the type, and fails in a "
                "deploy: type exists",
                fix=f'from sqlalchemy.dialects import postgresql\npostgresql.ENUM(…, name="{name}", create_type=False)',
                line=line,
            )
    for name, line in subject.source.bare_enums:
        if name not in subject.enums_before | created | subject.source.made_enums:
            yield Advice(
                severity=Severity.BLOCK,
                message=f"a new column uses the enum type {name}, which nothing makes",
                consequence="op.add_column makes no type: the migration fails, type does not exist",
                fix=f'postgresql.ENUM(…, name="{name}").create(op.get_bind())\n'
                f'op.add_column(…, sa.Column(…, postgresql.ENUM(…, name="{name}", create_type=False)))',
                line=line,
            )


RULE = Rule(reference="enum-from-scratch", check=check)
