"""Python as a tree, gone through once."""

import ast

_KEPT = "_gonogo_below"


def below(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return a node and all below it, as `ast.walk` does; what was found stays with the node, for the next who asks."""
    found = getattr(node, _KEPT, None)
    if found is None:
        found = tuple(ast.walk(node))
        setattr(node, _KEPT, found)
    return found
