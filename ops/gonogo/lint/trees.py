"""Python as a tree, gone through once."""

import ast

_KEPT = "_gonogo_below"


def below(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return a node and all below it, in the order of `ast.walk`, without what only says that a name is read or set.

    What was found stays with the node, for the next who asks.
    """
    found: tuple[ast.AST, ...] | None = getattr(node, _KEPT, None)
    if found is None:
        found = _walked(node)
        setattr(node, _KEPT, found)
    return found


def _walked(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return a node and all below it; a list that grows while it is gone through is three times as fast as a queue."""
    found = [node]
    for each in found:
        for name in each._fields:
            value = getattr(each, name, None)
            if isinstance(value, list):
                found += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                found.append(value)
    return tuple(found)
