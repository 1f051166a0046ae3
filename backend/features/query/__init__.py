"""Query: questions about what was captured."""
