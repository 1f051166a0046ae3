"""Projects whose migrations are tried: a folder, its revisions, and the trial of them."""

import os
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from gonogo.adapters.trials.copied import CopyTrials
from gonogo.adapters.trials.load import Pressure
from gonogo.model import Checkout, Commands, Hold, Limits, LockMode, Revision, Secret, Traced, Trial, TrialWish
from gonogo.protocols import Elders

COMMANDS = Commands(
    migrate=("{python}", "-m", "alembic", "-c", "alembic.ini"), migrations="alembic.ini", smoke=(), backup=()
)
# As `alembic init` writes it: all revisions in one transaction, no timeout.
PLAIN = """
from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config
engine = engine_from_config(config.get_section("alembic"), prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection{options})
    with context.begin_transaction():
        context.run_migrations()
"""
EACH = PLAIN.format(options=", transaction_per_migration=True")
TOGETHER = PLAIN.format(options="")
NO_LOAD = Pressure(readers=0, writers=0)
_REVISION = '''"""Change {name}."""

import sqlalchemy as sa
from alembic import op

revision = {name!r}
down_revision = {parent!r}
{more}

def upgrade():
{up}
'''


class Project:
    """A foreign project, revision after revision."""

    def __init__(
        self, root: Path, env: str = EACH, *, url: str = "postgresql+psycopg://app@production.invalid/app"
    ) -> None:
        """Write what `alembic init` would."""
        self.root = root
        self.ids: list[str] = []
        (root / "migrations" / "versions").mkdir(parents=True)
        (root / "alembic.ini").write_text(f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {url}\n")
        (root / "migrations" / "env.py").write_text(env)

    def add(self, name: str, up: str, down: str | None = None, *, more: str = "") -> None:
        """Add a revision after the last one.

        Args:
            name: its id.
            up: the lines of its upgrade.
            down: the lines of its downgrade; None leaves it out.
            more: further lines of the module.
        """
        parent = self.ids[-1] if self.ids else None
        text = _REVISION.format(name=name, parent=parent, more=more, up=_lines(up))
        if down is not None:
            text += f"\n\ndef downgrade():\n{_lines(down)}\n"
        (self.root / "migrations" / "versions" / f"{len(self.ids):03}_{name}.py").write_text(text)
        self.ids.append(name)

    @property
    def checkout(self) -> Checkout:
        """Return it as a release has it."""
        return Checkout(commit="a" * 40, path=self.root, python=Path(sys.executable))

    def wish(self, start: str | None = None) -> TrialWish:
        """Return the wish to try everything after a revision, on a copy of its own name."""
        pending = self.ids[self.ids.index(start) + 1 :] if start else self.ids
        return TrialWish(
            checkout=self.checkout,
            pending=tuple(Revision(id=each, title="", kind="unknown", reversible=False, path="") for each in pending),
            scratch=f"gonogo_scratch_{uuid4().hex[:12]}",
            start=start,
        )

    def tried(self, start: str | None = None, *, pressure: Pressure = NO_LOAD, elders: Elders | None = None) -> Trial:
        """Return the trial of everything after a revision, on an empty schema of that revision."""
        return replace(trials(), pressure=pressure, elders=elders).hold(self.wish(start))


def trials() -> CopyTrials:
    """Return trials on the test server."""
    return CopyTrials(
        commands=COMMANDS, scratch_url=Secret("SCRATCH_DATABASE_URL", os.environ["TEST_DATABASE_URL"]), limits=Limits()
    )


def strongest(traced: Traced) -> dict[str, LockMode]:
    """Return the strongest lock on each relation."""
    modes = list(LockMode)
    found: dict[str, LockMode] = {}
    for hold in traced.holds:
        former = found.get(hold.relation, hold.mode)
        found[hold.relation] = max(former, hold.mode, key=modes.index)
    return found


def on(traced: Traced, relation: str) -> Sequence[Hold]:
    """Return the holds on one relation."""
    return [each for each in traced.holds if each.relation == relation]


def _lines(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip() or "pass", "    ")
