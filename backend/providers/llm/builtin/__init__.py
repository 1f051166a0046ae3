"""The built-in rules: what works without any key. The same request always gets the same answer."""

from backend.providers.llm.builtin.answering import answer
from backend.providers.llm.builtin.extraction import extract
from backend.providers.llm.builtin.planning import plan

__all__ = ["answer", "extract", "plan"]
