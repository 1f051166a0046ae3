"""The records and their few properties."""
