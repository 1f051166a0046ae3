"""What a release's models expect of the schema: asked in its own interpreter, through its own env.py."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gonogo.adapters import capturing, processes
from gonogo.adapters.schemas import models_script
from gonogo.errors import RefusedError
from gonogo.model.schemas import ModelColumn, Models

_LONGEST_SECONDS = 120.0


def expected(command: Sequence[str], *, root: Path, database: str, environ: Mapping[str, str] | None = None) -> Models:
    """Return what the models of a checkout expect; where that cannot be said, why.

    Args:
        command: the project's Alembic, its interpreter filled in.
        root: the checkout.
        database: what env.py may connect to, where it does before it names its models.
        environ: what env.py is told beside that.
    """
    interpreter, words = capturing.split_command(command, root)
    source = Path(models_script.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="gonogo-models-") as folder:
        answer = Path(folder) / "answer.json"
        told = {**(environ or {}), "DATABASE_URL": database}
        try:
            done = processes.run(
                (*interpreter, "-c", source),
                cwd=root,
                env=told,
                stdin=json.dumps({"words": words, "answer": str(answer), "database": database}),
                timeout_s=_LONGEST_SECONDS,
            )
        except RefusedError as error:
            return Models(problem=error.message)
        if not answer.is_file():
            return Models(problem=done.last_words)
        said = json.loads(answer.read_text(encoding="utf-8"))
    tables = {
        table: {name: ModelColumn(**column) for name, column in columns.items()}
        for table, columns in said["tables"].items()
    }
    return Models(tables=tables, problem=said["problem"])
