"""A history has more than one newest revision."""

from collections.abc import Iterator

from gonogo.model import Chain, LintFinding, Severity

REFERENCE = "multiple-heads"


def check(chain: Chain) -> Iterator[LintFinding]:
    """Yield one finding for a history that `alembic upgrade head` refuses."""
    if len(chain.heads) < 2:  # noqa: PLR2004
        return
    paths = {migration.id: migration.path for migration in chain.migrations}
    yield LintFinding(
        reference=REFERENCE,
        severity=Severity.BLOCK,
        path=", ".join(paths.get(head, head) for head in chain.heads),
        message=f"the history has {len(chain.heads)} heads: {', '.join(chain.heads)}",
        consequence="alembic upgrade head refuses to run, in the deploy; the order of the branches was never tried",
        fix=f"where neither was released: set down_revision of {chain.heads[-1]} to {chain.heads[0]}; else\n"
        f'alembic merge -m "merge heads" {" ".join(chain.heads)}',
    )
