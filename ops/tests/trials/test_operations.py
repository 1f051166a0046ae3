"""The right lock on the right relation, for each operation: revisions of a foreign project, tried as a whole."""

from collections.abc import Mapping

import pytest

from gonogo.model import Traced
from tests.trials.operations import OPERATIONS, TABLE, Operation
from tests.trials.projects import Project, strongest

# What runs outside of a transaction is only seen while it runs.
_ROWS = {False: 200, True: 20_000}


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Traced]:
    """Return each operation as it was watched: a revision each, all of them in one trial."""
    project = Project(tmp_path_factory.mktemp("operations") / "foreign")
    before = [
        _in(name, f'CREATE SCHEMA "{name}"', TABLE.format(rows=_ROWS[each.alone]), each.before)
        for name, each in OPERATIONS.items()
    ]
    project.add("start", "\n".join([*before, "op.execute('RESET search_path')"]))
    for name, each in OPERATIONS.items():
        project.add(name, _up(name, each), more="reversible = False")
    return {each.revision: each for each in project.tried("start").traced}


def _in(schema: str, *statements: str) -> str:
    """Return lines that run statements in a schema."""
    first, *rest = [each for each in statements if each]
    return "\n".join(f"op.execute({each!r})" for each in (first, f'SET search_path = "{schema}"', *rest))


def _up(name: str, operation: Operation) -> str:
    """Return the lines of an operation's revision."""
    line = operation.up if operation.up.startswith("op.") else f"op.execute({operation.up!r})"
    path = f"op.execute('SET search_path = \"{name}\"')"
    if operation.alone:
        return f"with op.get_context().autocommit_block():\n    {path}\n    {line}\n    op.execute('RESET search_path')"
    return f"{path}\n{line}\nop.execute('RESET search_path')"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_strongest_lock_on_each_table_is_the_documented_one(name: str, traced: Mapping[str, Traced]) -> None:
    """On every table that it locks, the parent of a foreign key included, and on no other."""
    operation, seen = OPERATIONS[name], traced[name]
    found = strongest(seen)
    wanted = {f"{name}.{relation}": mode for relation, mode in {**operation.locks, **operation.sides}.items()}
    sides = {f"{name}.{relation}" for relation in ("t_pkey", "t_n", "uq", "m_id", "t_c_seq", "parent_pkey")}

    assert seen.problem == ""
    assert {relation: mode for relation, mode in found.items() if relation in wanted or relation not in sides} == wanted


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_written_anew_is_told_from_what_is_not(name: str, traced: Mapping[str, Traced]) -> None:
    """With its bytes; a table that was emptied was not written anew."""
    found = {each.relation: each.bytes for each in traced[name].rewrites}

    assert set(found) == {f"{name}.{relation}" for relation in OPERATIONS[name].rewrites}
    assert all(found.values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_hold_names_the_statement_and_its_line(name: str, traced: Mapping[str, Traced]) -> None:
    """And lasts from there to the end of the transaction, within the revision's own time."""
    for hold in traced[name].holds:
        assert hold.line > 0
        assert hold.statement
        assert 0 <= hold.began_s <= hold.ended_s <= traced[name].seconds + 1e-9
