"""A new revision from a task's point of view."""

from gonogo.bootstrap import drafting
from gonogo.errors import UsageError
from gonogo.tasks import linting
from gonogo.tasks.console import Console

_KINDS = ("expand", "contract", "data")


def new(console: Console, title: str, kind: str, *, dry_run: bool) -> None:
    """Write the next revision's file, or show it.

    Raises:
        UsageError: there is no such kind, or no title.
        NoGoError: the history has several heads, or the file is there already.
    """
    if kind not in _KINDS:
        message = f"--kind takes {', '.join(_KINDS)}, not {kind!r}"
        raise UsageError("unknown-kind", message, hint="leave it out for expand, or add --kind contract")
    setup = linting.setup_of("")
    with console.status("reading the migrations"):
        draft = drafting.draft(setup, title, kind)
    path = draft.path.relative_to(setup.root) if draft.path.is_relative_to(setup.root) else draft.path
    if dry_run:
        console.line(draft.text.rstrip())
    else:
        draft.write()
    console.line(
        f"{'would write' if dry_run else 'wrote'} {path}: {draft.revision}, behind {draft.parent or 'nothing'}"
    )
    console.line(f"next: fill it in, then: invoke migrate.lint --revision {draft.revision}")
    console.document(
        {
            "revision": draft.revision,
            "parent": draft.parent or None,
            "path": str(path),
            "kind": kind,
            "wrote": not dry_run,
        }
    )
