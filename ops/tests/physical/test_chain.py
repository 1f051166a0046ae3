"""Backups that build on each other, on a real cluster."""

import pytest

from tests.physical.conftest import Story

pytestmark = pytest.mark.contracts


def test_a_chain_is_a_full_one_and_what_has_changed_since(story: Story) -> None:
    """Each names the one before, and all of it is what was written."""
    first, second, third = story.cluster.kept().all()

    assert (first.kind, second.kind, third.kind) == ("full", "incremental", "incremental")
    assert (first.parent, second.parent, third.parent) == (None, first.name, second.name)
    assert [story.cluster.kept().verify(name) for name in story.names] == [(), (), ()]
    assert first.rows["public.thoughts"] == 500
    assert third.rows["public.thoughts"] == 520
    assert third.schema_revision == "r1"
