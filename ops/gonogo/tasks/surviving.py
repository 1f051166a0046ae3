"""What became of earlier releases on a newer schema, shown."""

from dataclasses import asdict

from gonogo.errors import ExitCode
from gonogo.local.comparing import Compared
from gonogo.model import Outlived
from gonogo.tasks.console import Console


def show(console: Console, found: Compared) -> int:
    """Show it, and return the exit code."""
    code = ExitCode.RELEASED if found.holds else ExitCode.NO_GO
    if found.rows:
        rows = [(row.release, row.schema, word(row.outlived)) for row in found.rows]
        console.table(("release", "schema", "runs"), rows)
    else:
        console.line(f"nothing is pending: {found.elder[:12]} has every revision of this tree")
    for row in found.rows:
        for sentence in lines(row.outlived):
            console.line(f"{row.release}: {sentence}")
    console.document(
        {
            "verdict": "holds" if found.holds else "no_go",
            "exit_code": int(code),
            "elder": found.elder,
            "pending": [each.id for each in found.pending],
            "releases": [
                {"release": row.release, "schema": row.schema, **dict(asdict(row.outlived))} for row in found.rows
            ],
        }
    )
    return code


def word(outlived: Outlived) -> str:
    """Return whether it runs, in a word or two."""
    if outlived.runs is None:
        return "not tried"
    return "no" if not outlived.runs else "yes, with exceptions" if outlived.excused else "yes"


def lines(outlived: Outlived) -> list[str]:
    """Return everything that there is to say about it, a sentence each."""
    found = [f"fails: {each}" for each in outlived.failed]
    if outlived.runs is None:
        found.append(f"not tried: {outlived.why}")
    if outlived.excused:
        found.append(f"excused: {outlived.excused}")
    return [*found, *(f"note: {each}" for each in outlived.notes)]
