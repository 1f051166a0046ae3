"""A check is added that looks at every row at once."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, alone, said


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each check on what was there before that is not NOT VALID."""
    for act in subject.old("add_check"):
        action = act.action
        if "not_valid" in action.flags or (action.flags & {"domain"} and _is_made_here(subject, action.table)):
            continue
        table = action.table
        name = action.name or f"ck_{table}_{'_'.join(action.columns) or 'rule'}".replace('"', "").replace(".", "_")
        what = "DOMAIN" if "domain" in action.flags else "TABLE"
        inline = f"ALTER TABLE {table} ADD COLUMN {', '.join(action.columns)} …;  -- without the check\n"
        yield said(
            act,
            f"adds the check ({action.text}) to {table} and looks at every row at once",
            why=f"{table} is scanned while nobody can {'write' if what == 'DOMAIN' else 'read or write'}",
            fix=(
                f"{inline if 'inline' in action.flags else ''}"
                f"ALTER {what} {table} ADD CONSTRAINT {name} CHECK ({action.text}) NOT VALID;\n"
                f"{alone(f'ALTER {what} {table} VALIDATE CONSTRAINT {name}')}"
            ),
        )


def _is_made_here(subject: Subject, name: str) -> bool:
    """Return whether this revision creates a domain."""
    return any("create domain" in " ".join(act.sql.lower().split()) and name in act.sql for act in subject.acts)


RULE = Rule(
    reference="check-not-valid",
    check=check,
    covers=frozenset({"ban-alter-domain-with-add-constraint", "constraint-missing-not-valid"}),
)
