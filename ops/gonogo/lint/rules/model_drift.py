"""The models say something that the migrated schema does not."""

from collections.abc import Iterator

from gonogo.model import Chain, LintFinding, Severity

REFERENCE = "model-drift"


def check(chain: Chain) -> Iterator[LintFinding]:
    """Yield each difference between the models and the schema that the history ends at."""
    for difference in chain.drift or ():
        yield LintFinding(
            reference=REFERENCE,
            severity=Severity.BLOCK,
            path=chain.migrations[-1].path if chain.migrations else "",
            message=f"the models and the migrated schema differ: {difference}",
            consequence="code that relies on the models fails on a schema that only the migrations have made",
            fix='alembic revision --autogenerate -m "expand …"  # and read what it writes',
        )
