"""A very small service that the stack runs in tests."""
