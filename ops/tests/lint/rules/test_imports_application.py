"""The application's code."""

import pytest

from tests.lint.samples import blocked, found, migration

DOWN = "\n\ndef downgrade() -> None:\n    op.execute('SELECT 1')\n"


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        ("SELECT 1", "from app.models import User\n", ""),
        ("SELECT 1", "import app\n", ""),
        ("SELECT 1", "from ..models import User\n", ""),
        ("SELECT 1", "def upgrade():\n    from app import x\n", ""),
    ],
)
def test_it_stops(sql: str, source: str, downgrade: str) -> None:
    """What would hurt."""
    assert "imports-application" in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(
    ("sql", "source", "downgrade"),
    [
        (
            "SELECT 1",
            "import sqlalchemy as sa\nfrom alembic import op\nimport uuid\nfrom sqlalchemy.dialects import postgresql\n",
            "",
        ),
        ("SELECT 1", "import geoalchemy2\nfrom pgvector.sqlalchemy import Vector\n", ""),
    ],
)
def test_it_lets_pass(sql: str, source: str, downgrade: str) -> None:
    """What would not."""
    assert "imports-application" not in blocked(sql, source=source, downgrade=downgrade or DOWN)


@pytest.mark.parametrize(("packages", "said"), [({"shop"}, True), ({"other"}, False)])
def test_the_projects_own_packages_decide_where_they_are_known(packages: set[str], said: bool) -> None:
    """A library of any name is no application."""
    findings = found(migration("SELECT 1", source="import shop.models\n"), packages=frozenset(packages))
    assert bool(findings) is said
