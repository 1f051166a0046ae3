"""A new revision, drafted and written."""

from gonogo.adapters import drafting
from gonogo.adapters.drafting import Draft
from gonogo.bootstrap import linting, wiring
from gonogo.model import MigrationSetup

__all__ = ["Draft", "draft"]


def draft(setup: MigrationSetup, title: str, kind: str) -> Draft:
    """Return the next revision's file; nothing is written yet.

    Raises:
        UsageError: the title holds nothing that a file name can be made of.
        NoGoError: the history has several heads.
        RefusedError: the history cannot be read.
    """
    chain = linting.read(setup, None)
    return drafting.draft(chain, title, kind, root=setup.root, ini=setup.ini, now=wiring.clock().now())
