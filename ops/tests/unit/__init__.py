"""The toolkit without an outside: every module against the in-memory world."""
